package org.softverbs.soft.cm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.verbs.GlobalIdentifier;

/// The management datagrams of a capture.
final class CapturedMads {

    private static final int UD_HEADERS = 20;
    private static final int QUEUE_PAIR_OFFSET = 5;

    private CapturedMads() {}

    static List<CmBench.Mad> read(String capture) {
        Path file = Path.of("src", "test", "resources", "pcap", capture + ".pcap");
        List<CmBench.Mad> mads = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            PcapRecord record = reader.next();
            for (int frame = 1; record != null; frame++) {
                CapturedRoce packet = CapturedRoce.find(record);
                if (packet != null) {
                    add(mads, packet, frame);
                }
                record = reader.next();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return mads;
    }

    private static void add(List<CmBench.Mad> mads, CapturedRoce packet, int frame)
            throws UnknownHostException {
        byte[] datagram = packet.datagram();
        int length = datagram.length - UD_HEADERS - Integer.BYTES;
        boolean isManagement =
                length > MadHeaderFlyweight.LENGTH
                        && datagram[QUEUE_PAIR_OFFSET] == 0
                        && datagram[QUEUE_PAIR_OFFSET + 1] == 0
                        && datagram[QUEUE_PAIR_OFFSET + 2] == 1;
        if (isManagement) {
            byte[] mad = Arrays.copyOfRange(datagram, UD_HEADERS, UD_HEADERS + length);
            mads.add(
                    new CmBench.Mad(
                            gid(packet.source()),
                            gid(packet.destination()),
                            MemorySegment.ofArray(mad),
                            0,
                            frame));
        }
    }

    private static GlobalIdentifier gid(byte[] address) throws UnknownHostException {
        return GlobalIdentifier.of(InetAddress.getByAddress(address));
    }

    static boolean is(CmBench.Mad mad, CmAttribute attribute) {
        return mad.header().attributeId() == attribute.wireValue();
    }
}
