package org.softverbs.soft.wire.packet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;

/** The captures in the test resources. */
public final class Captures {

    /** A RoCEv2 packet and where it was found; frames count from 1 as in Wireshark. */
    public record Found(String file, int frame, long timestampNanos, CapturedRoce roce) {

        @Override
        public String toString() {
            return file + " frame " + frame;
        }
    }

    private Captures() {}

    public static List<Path> files() {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file -> file.toString().endsWith(".pcap")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Found> packets() {
        return files().stream().flatMap(file -> packets(file).stream()).toList();
    }

    public static List<Found> packets(Path file) {
        List<Found> found = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            int frame = 1;
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                CapturedRoce roce = CapturedRoce.find(next);
                if (roce != null) {
                    String name = String.valueOf(file.getFileName());
                    found.add(new Found(name, frame, next.timestampNanos(), roce));
                }
                frame++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
        return found;
    }

    private static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(Captures.class.getResource("/pcap")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
