package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapWriter;

/**
 * Runs command lines in one JVM and throws their output away, so that a class archive can be made
 * of what they load. The launcher calls it after a build.
 */
public final class TrialRun {

    private static final String SAMPLE = "SAMPLE";
    private static final byte[] ADDRESS = {127, 0, 0, 1};
    private static final int ACK_LENGTH = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private TrialRun() {}

    /**
     * Each argument is a command line, or several with {@code &} between them that run at once;
     * {@code SAMPLE} in it stands for a small capture file. What a command says or fails with does
     * not matter: it is run for what it loads, and not waited for long.
     */
    public static void main(String[] commandLines) throws IOException, InterruptedException {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Path sample = Files.createTempFile("softverbs", ".pcap");
        try {
            try (PcapWriter writer = PcapWriter.create(sample, LinkType.RAW_IP)) {
                ByteBuffer ack = ByteBuffer.allocate(ACK_LENGTH).put(0, (byte) 0x11);
                writer.writeDatagram(0, ADDRESS, 4791, ADDRESS, 0, ack);
            }
            for (String line : commandLines) {
                List<Thread> running = new ArrayList<>();
                for (String command : line.replace(SAMPLE, sample.toString()).split(" & ", -1)) {
                    String[] args = command.split(" ", -1);
                    running.add(
                            Thread.ofPlatform()
                                    .daemon()
                                    .start(() -> Softverbs.run(nowhere, nowhere, args)));
                }
                for (Thread thread : running) {
                    thread.join(PATIENCE);
                }
            }
        } finally {
            Files.delete(sample);
        }
    }
}
