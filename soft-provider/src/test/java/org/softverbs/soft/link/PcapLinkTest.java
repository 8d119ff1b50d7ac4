package org.softverbs.soft.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// What a capture keeps.
class PcapLinkTest {

    private static final int PEERS = WireImage.CALCULATORS + 100;

    private final ByteArrayOutputStream capture = new ByteArrayOutputStream();

    private static GlobalIdentifier gid(int number) {
        return new GlobalIdentifier(0, 0xffff_0a00_0000L + number);
    }

    @Test
    void shouldRememberALimitedNumberOfPeersAndSealThePacketsOfAll() throws IOException {
        InProcessLink inner = new InProcessNetwork(1500).join(gid(0));
        PcapLink link = new PcapLink(inner, new PcapWriter(capture, LinkType.RAW_IP), true);
        OutboundPacket packet = new OutboundPacket();
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i <= PEERS; i++) {
                packet.begin(new Path(gid(0), gid(i), 50_000 + i, 64, 0), BthFlyweight.LENGTH);
                link.send(packet);
            }
        }
        assertThat(link.calculators()).isEqualTo(WireImage.CALCULATORS);
        link.close();
        assertThat(sealed()).isEqualTo(2 * PEERS);
    }

    private int sealed() throws IOException {
        int sealed = 0;
        PcapReader reader = PcapReader.read(new ByteArrayInputStream(capture.toByteArray()));
        for (PcapRecord frame = reader.next(); frame != null; frame = reader.next()) {
            CapturedRoce roce = CapturedRoce.find(frame);
            if (roce != null && roce.isIcrcGood()) {
                sealed++;
            }
        }
        return sealed;
    }
}
