package org.softverbs.soft.wire.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.IcrcVerdict;
import org.softverbs.soft.wire.roce.IcrcVerifier;
import org.softverbs.soft.wire.roce.PacketCheck;

/** Done when 5: every packet of the captures decodes, verifies and is built again byte for byte. */
class GoldenCaptureTest {

    private static final int PACKETS = 1955;
    private static final String DAMAGED = "user_icrcbad.pcap";

    @Test
    void shouldDecodeVerifyAndRebuildEveryPacket() {
        List<Captures.Found> packets = Captures.packets();
        List<String> bad = new ArrayList<>();
        for (Captures.Found found : packets) {
            CapturedRoce roce = found.roce();
            assertThat(roce.parse()).as("%s", found).isInstanceOf(RocePacket.Accepted.class);
            RocePacket packet = ((RocePacket.Accepted) roce.parse()).packet();
            ByteBuffer rebuilt = packet.encode();
            int icrc = roce.icrcOf(MemorySegment.ofBuffer(rebuilt).asSlice(0, packet.length()));
            Icrc.store(rebuilt, packet.length(), icrc);
            ByteBuffer captured =
                    roce.ip().asSlice(roce.bthOffset(), roce.datagramLength()).asByteBuffer();
            if (!roce.isIcrcGood()) {
                bad.add(found.file());
                int covered = packet.length();
                assertThat(rebuilt.slice(0, covered)).isEqualTo(captured.slice(0, covered));
            } else {
                assertThat(rebuilt).as("%s", found).isEqualTo(captured);
            }
        }
        assertThat(packets).hasSize(PACKETS);
        assertThat(bad).containsExactly(DAMAGED);
    }

    /** What a socket sees of the same packets: no IP header, so the ID is solved for. */
    @Test
    void shouldVerifyEveryPacketWithoutItsIpHeader() {
        Map<String, IcrcVerifier> verifiers = new HashMap<>();
        Map<IcrcVerdict, Integer> verdicts = new HashMap<>();
        List<String> refused = new ArrayList<>();
        for (Captures.Found found : Captures.packets()) {
            CapturedRoce roce = found.roce();
            Octets source = Octets.of(roce.source());
            Octets destination = Octets.of(roce.destination());
            IcrcVerifier verifier =
                    verifiers.computeIfAbsent(
                            found.file() + source + destination,
                            key -> new IcrcVerifier(roce.source(), roce.destination()));
            IcrcVerdict verdict = verify(verifier, found);
            verdicts.merge(verdict, 1, Integer::sum);
            if (!verdict.accepted()) {
                refused.add(found + " " + verdict);
            }
        }
        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst()).startsWith(DAMAGED);
        assertThat(verdicts.get(IcrcVerdict.EXACT)).as("%s", verdicts).isGreaterThan(1600);
    }

    /** The calculator for links agrees with the check over the captured headers. */
    @Test
    void shouldComputeTheSameIcrcFromAddressesAndLengths() {
        for (Captures.Found found : Captures.packets()) {
            CapturedRoce roce = found.roce();
            int covered = roce.datagramLength() - PacketCheck.ICRC_LENGTH;
            int ipId = roce.isIpv6() ? 0 : new Ipv4Flyweight().wrap(roce.ip(), 0).identification();
            int icrc =
                    new Icrc(roce.source(), roce.destination())
                            .compute(
                                    roce.udp().sourcePort(),
                                    roce.udp().destinationPort(),
                                    ipId,
                                    Icrc.DONT_FRAGMENT,
                                    roce.ip().asByteBuffer(),
                                    roce.bthOffset(),
                                    covered);
            assertThat(icrc)
                    .as("%s", found)
                    .isEqualTo(roce.icrcOf(roce.ip().asSlice(roce.bthOffset(), covered)));
        }
    }

    private static IcrcVerdict verify(IcrcVerifier verifier, Captures.Found found) {
        CapturedRoce roce = found.roce();
        return verifier.verify(
                roce.udp().sourcePort(),
                roce.udp().destinationPort(),
                roce.ip().asByteBuffer(),
                roce.bthOffset(),
                roce.datagramLength() - PacketCheck.ICRC_LENGTH,
                found.timestampNanos());
    }
}
