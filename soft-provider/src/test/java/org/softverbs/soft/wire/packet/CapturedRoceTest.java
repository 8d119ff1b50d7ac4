package org.softverbs.soft.wire.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RoceOpcode;

class CapturedRoceTest {

    /** A UDP datagram to port 4791 that holds an ACK. */
    private static final String IP =
            "450000300000400040110000" + "0a4e00010a4e0002" + "c00012b7001c0000";

    /** The same over IPv6. */
    private static final String IPV6 =
            "60000000001c1140"
                    + "20010db8000000000000000000000001"
                    + "20010db8000000000000000000000002"
                    + "c00012b7001c0000";

    private static final List<LinkType> LINKS = List.of(LinkType.values());

    private static final String ACK = "1100ffff00000011000000051f00000100000000";

    @Test
    void shouldFindRoceBehindEveryLinkHeader() {
        String ethernet = "0102030405060708090a0b0c";
        assertThat(find(LinkType.RAW_IP, IP + ACK)).isNotNull();
        assertThat(find(LinkType.ETHERNET, ethernet + "0800" + IP + ACK)).isNotNull();
        assertThat(find(LinkType.ETHERNET, ethernet + "8100000a0800" + IP + ACK)).isNotNull();
        assertThat(find(LinkType.LINUX_COOKED, "00".repeat(14) + "0800" + IP + ACK)).isNotNull();
        assertThat(find(LinkType.LINUX_COOKED_2, "0800" + "00".repeat(18) + IP + ACK)).isNotNull();
        assertThat(find(LinkType.ETHERNET, ethernet + "0806" + IP + ACK)).isNull();
        assertThat(find(LinkType.OTHER, IP + ACK)).isNull();
    }

    @Test
    void shouldPassOverWhatIsNotRoce() {
        assertThat(find(LinkType.RAW_IP, IP.replace("12b7", "12b8") + ACK)).isNull();
        assertThat(find(LinkType.RAW_IP, IP.replace("4011", "4006") + ACK)).isNull();
        assertThat(find(LinkType.RAW_IP, "")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0001", "0007", "001d", "ffff"})
    void r12ShouldTakeNoDatagramOfAnImpossibleUdpLength(String length) {
        assertThat(find(LinkType.RAW_IP, IP.replace("001c0000", length + "0000") + ACK)).isNull();
        assertThat(find(LinkType.RAW_IP, IPV6.replace("001c0000", length + "0000") + ACK)).isNull();
    }

    /// A sender of RoCE may leave it out, so the ICRC alone tells.
    @ParameterizedTest
    @ValueSource(strings = {"0000", "0001", "1234", "ffff"})
    void r12ShouldLeaveAWrongUdpChecksumToTheIcrc(String checksum) {
        for (String headers : List.of(IP, IPV6)) {
            CapturedRoce plain = Objects.requireNonNull(find(LinkType.RAW_IP, headers + ACK));
            int icrc = plain.icrcOf(plain.ip().asSlice(plain.bthOffset(), 16));
            String good = ACK.substring(0, 32) + "%08x".formatted(Integer.reverseBytes(icrc));
            String summed = headers.replace("001c0000", "001c" + checksum);
            CapturedRoce found = Objects.requireNonNull(find(LinkType.RAW_IP, summed + good));
            assertThat(found.isIcrcGood()).isTrue();
            assertThat(found.parse()).isInstanceOf(RocePacket.Accepted.class);
            CapturedRoce broken = Objects.requireNonNull(find(LinkType.RAW_IP, summed + ACK));
            assertThat(broken.isIcrcGood()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"first, 2000", "middle, 2001", "last, 0001", "farthest, 1fff"})
    void r13ShouldTakeNoFragment(String which, String bits) {
        assertThat(find(LinkType.RAW_IP, IP.replace("00004000", "0000" + bits) + ACK))
                .as(which)
                .isNull();
        String inFragment = IPV6.replace("001c1140", "00242c40");
        int split = 2 * 40;
        String extension = "1100" + bits.replace("2000", "0001") + "00000007";
        assertThat(
                        find(
                                LinkType.RAW_IP,
                                inFragment.substring(0, split)
                                        + extension
                                        + inFragment.substring(split)
                                        + ACK))
                .as(which)
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 10})
    void r13ShouldSkipOptions(int words) {
        String fixed = IP.substring(0, 40);
        String longer =
                fixed.replace("45000030", "4%x0000%02x".formatted(5 + words, 0x30 + 4 * words));
        String udp = IP.substring(40);
        CapturedRoce found =
                Objects.requireNonNull(
                        find(LinkType.RAW_IP, longer + "01010101".repeat(words) + udp + ACK));
        assertThat(found.isIpv6()).isFalse();
        assertThat(found.datagram()).isEqualTo(HexFormat.of().parseHex(ACK));
        assertThat(found.parse()).isInstanceOf(RocePacket.Accepted.class);
    }

    @Test
    void r13ShouldRefuseAHeaderLengthThatIsImpossible() {
        for (int words = 0; words < 16; words++) {
            String cut = IP.replace("45000030", "4%x000030".formatted(words));
            if (words != 5) { // what is taken for options is the UDP header, or it has none
                assertThat(find(LinkType.RAW_IP, cut + ACK)).as("%s words", words).isNull();
            }
        }
        assertThat(find(LinkType.RAW_IP, IP.replace("45000030", "45000013") + ACK))
                .as("total length below the header's")
                .isNull();
    }

    @Test
    void shouldReportAPacketThatTheCaptureCut() {
        CapturedRoce cut = Objects.requireNonNull(find(LinkType.RAW_IP, IP + ACK.substring(0, 30)));
        assertThat(cut.isComplete()).isFalse();
        assertThat(cut.isIcrcGood()).isFalse();
        assertThat(cut.parse()).isEqualTo(new RocePacket.Refused(PacketFault.TOO_SHORT));
    }

    @Test
    void shouldSurviveEveryTruncationAndRandomBytes() {
        byte[] whole = HexFormat.of().parseHex(IP + ACK);
        for (int seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int i = random.nextInt(5); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            LinkType link = LINKS.get(random.nextInt(LINKS.size()));
            CapturedRoce found =
                    CapturedRoce.find(new PcapRecord(0, link, 0, MemorySegment.ofArray(bytes)));
            if (found != null && found.parse() instanceof RocePacket.Accepted accepted) {
                assertThat(PacketFields.of(found, accepted.packet())).isNotEmpty();
                assertThat(found.isIcrcGood()).as("seed %s", seed).isFalse();
            }
        }
    }

    @Test
    void shouldRefuseValuesThatDoNotMakeAPacket() {
        Bth bth =
                new Bth(
                        RoceOpcode.RC_ACKNOWLEDGE,
                        false,
                        false,
                        0,
                        0,
                        0xffff,
                        false,
                        false,
                        0,
                        17,
                        false,
                        0,
                        5);
        assertThatThrownBy(() -> new RocePacket(bth, List.of(), Octets.of(), Octets.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("RC_ACKNOWLEDGE has [AETH], not []");
        List<Extension> aeth = List.of(new Extension.Aeth(0x1f, 1));
        assertThatThrownBy(() -> new RocePacket(bth, aeth, Octets.of(), Octets.of((byte) 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pad count 0 with 1 bytes of pad");
    }

    private static @Nullable CapturedRoce find(LinkType link, String hex) {
        byte[] frame = HexFormat.of().parseHex(hex);
        return CapturedRoce.find(
                new PcapRecord(0, link, frame.length, MemorySegment.ofArray(frame)));
    }
}
