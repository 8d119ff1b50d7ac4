package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HeaderFlyweightTest {

    private final byte[] bytes = new byte[40];
    private final MemorySegment segment = MemorySegment.ofArray(bytes);

    @Test
    void shouldPlaceEveryBthField() {
        BthFlyweight bth = new BthFlyweight().wrap(segment, 1);
        bth.opcode(0x17).solicitedEvent(true).padCount(3).partitionKey(0x7fff);
        bth.backwardCongestion(true).reserved6(5).destinationQpn(0x123456).ackRequest(true);
        bth.reserved7(0x11).psn(0xabcdef);
        assertThat(hex(12)).isEqualTo("17b07fff4512345691abcdef");
        assertThat(bth.opcode()).isEqualTo(0x17);
        assertThat(bth.solicitedEvent()).isTrue();
        assertThat(bth.migrationRequest()).isFalse();
        assertThat(bth.padCount()).isEqualTo(3);
        assertThat(bth.transportVersion()).isZero();
        assertThat(bth.partitionKey()).isEqualTo(0x7fff);
        assertThat(bth.forwardCongestion()).isFalse();
        assertThat(bth.backwardCongestion()).isTrue();
        assertThat(bth.reserved6()).isEqualTo(5);
        assertThat(bth.destinationQpn()).isEqualTo(0x123456);
        assertThat(bth.ackRequest()).isTrue();
        assertThat(bth.reserved7()).isEqualTo(0x11);
        assertThat(bth.psn()).isEqualTo(0xabcdef);
        bth.migrationRequest(true).transportVersion(0xf).forwardCongestion(true);
        assertThat(hex(12)).isEqualTo("17ff7fffc512345691abcdef");
    }

    @Test
    void shouldInitializeTheWholeBth() {
        segment.fill((byte) 0xff);
        new BthFlyweight()
                .wrap(segment, 1)
                .initialize(RoceOpcode.RC_ACKNOWLEDGE, 0x11, 0xffffff, 2);
        assertThat(hex(12)).isEqualTo("1120ffff0000001100ffffff");
    }

    @Test
    void shouldPlaceTheExtensionHeaders() {
        RethFlyweight reth = new RethFlyweight().wrap(segment, 1);
        reth.virtualAddress(0x8000000000000001L).remoteKey(0xdeadbeef).dmaLength(0xffffffffL);
        assertThat(hex(16)).isEqualTo("8000000000000001deadbeefffffffff");
        assertThat(reth.dmaLength()).isEqualTo(0xffffffffL);
        assertThat(reth.remoteKey()).isEqualTo(0xdeadbeef);
        assertThat(reth.virtualAddress()).isEqualTo(0x8000000000000001L);

        AethFlyweight aeth = new AethFlyweight().wrap(segment, 1);
        aeth.syndrome(0x62).messageSequenceNumber(0xfedcba);
        assertThat(hex(4)).isEqualTo("62fedcba");
        assertThat(aeth.syndrome()).isEqualTo(0x62);
        assertThat(aeth.messageSequenceNumber()).isEqualTo(0xfedcba);

        AtomicEthFlyweight atomic = new AtomicEthFlyweight().wrap(segment, 1);
        atomic.virtualAddress(8).remoteKey(9).swapOrAdd(-1).compare(2);
        assertThat(hex(28)).isEqualTo("000000000000000800000009ffffffffffffffff0000000000000002");
        assertThat(atomic.swapOrAdd()).isEqualTo(-1);
        assertThat(atomic.compare()).isEqualTo(2);

        DethFlyweight deth = new DethFlyweight().wrap(segment, 1);
        deth.queueKey(0x80010000).reserved(7).sourceQpn(1);
        assertThat(hex(8)).isEqualTo("8001000007000001");
        assertThat(deth.queueKey()).isEqualTo(0x80010000);
        assertThat(deth.sourceQpn()).isEqualTo(1);

        assertThat(new AtomicAckEthFlyweight().wrap(segment, 1).originalValue(-2).originalValue())
                .isEqualTo(-2);
        assertThat(new ImmDtFlyweight().wrap(segment, 1).immediate(-3).immediate()).isEqualTo(-3);
        assertThat(new IethFlyweight().wrap(segment, 1).remoteKey(-4).remoteKey()).isEqualTo(-4);
        assertThat(new RdethFlyweight().wrap(segment, 1).endToEndContext(-5).endToEndContext())
                .isEqualTo(0xfffffb);
        assertThat(bytes[0]).as("nothing before the header changed").isZero();
    }

    @Test
    void shouldRefuseToWrapATruncatedHeader() {
        assertThatThrownBy(() -> new BthFlyweight().wrap(segment, 29))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new BthFlyweight().wrap(segment, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private String hex(int length) {
        return HexFormat.of().formatHex(bytes, 1, 1 + length);
    }
}
