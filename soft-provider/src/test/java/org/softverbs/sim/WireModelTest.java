package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Mtu;

/// What the model of the wire lets pass, and what it does not: M10, T10, T12.
class WireModelTest {

    private static final int LEFT = 17;
    private static final int RIGHT = 33;
    private static final Place THERE = Place.path(1, 2);
    private static final Place BACK = Place.path(2, 1);

    private final WireModel model = new WireModel(Mtu.MTU_256, RetryLimits.of(2, 1));
    private final MemorySegment packet = Arena.ofAuto().allocate(8192, 8);

    WireModelTest() {
        model.connected(THERE, LEFT, RIGHT);
    }

    private int begin(RoceOpcode opcode, int destination, int psn, int payload) {
        packet.fill((byte) 0);
        int padding = -payload & 3;
        new BthFlyweight()
                .wrap(packet, 0)
                .initialize(opcode, destination, psn, 0)
                .padCount(padding);
        return opcode.headerLength() + payload + padding;
    }

    private void send(RoceOpcode opcode, int psn, int payload) {
        model.onSent(THERE, packet.asByteBuffer(), begin(opcode, RIGHT, psn, payload));
    }

    private void sendWrite(RoceOpcode opcode, int psn, int payload, int dmaLength) {
        int length = begin(opcode, RIGHT, psn, payload);
        new RethFlyweight()
                .wrap(packet, opcode.offsetOf(ExtensionHeader.RETH))
                .dmaLength(dmaLength);
        model.onSent(THERE, packet.asByteBuffer(), length);
    }

    private void arrive(int psn) {
        model.onArrived(
                THERE, packet.asByteBuffer(), begin(RoceOpcode.RC_SEND_ONLY, RIGHT, psn, 4));
    }

    private void nak(int psn) {
        RoceOpcode opcode = RoceOpcode.RC_ACKNOWLEDGE;
        int length = begin(opcode, LEFT, psn, 0);
        new AethFlyweight()
                .wrap(packet, opcode.offsetOf(ExtensionHeader.AETH))
                .syndrome(AckSyndrome.NAK_PSN_SEQUENCE_ERROR);
        model.onSent(BACK, packet.asByteBuffer(), length);
    }

    private void requireLegal() {
        assertThatCode(model::check).doesNotThrowAnyException();
    }

    private void requireBroken(String invariant) {
        assertThatThrownBy(model::check)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith(invariant);
    }

    @Test
    void shouldLetLegalPacketsPass() {
        send(RoceOpcode.RC_SEND_FIRST, 1, 256);
        send(RoceOpcode.RC_SEND_MIDDLE, 2, 256);
        send(RoceOpcode.RC_SEND_LAST, 3, 1);
        send(RoceOpcode.RC_SEND_ONLY, 4, 0);
        sendWrite(RoceOpcode.RC_WRITE_FIRST, 5, 256, 600);
        send(RoceOpcode.RC_WRITE_MIDDLE, 6, 256);
        send(RoceOpcode.RC_WRITE_LAST, 7, 88);
        requireLegal();
    }

    @Test
    void shouldFindAMiddleThatIsShort() {
        send(RoceOpcode.RC_SEND_MIDDLE, 2, 255);
        requireBroken("T12");
    }

    @Test
    void shouldFindALastWithoutBytes() {
        send(RoceOpcode.RC_SEND_LAST, 2, 0);
        requireBroken("T12");
    }

    @Test
    void shouldFindAWriteThatCarriesLessThanItSays() {
        sendWrite(RoceOpcode.RC_WRITE_FIRST, 0xff_ffff, 256, 600);
        send(RoceOpcode.RC_WRITE_LAST, 0, 88);
        requireBroken("T12");
    }

    @Test
    void shouldFindAWriteWhoseEndHasAnotherLength() {
        sendWrite(RoceOpcode.RC_WRITE_FIRST, 5, 256, 600);
        send(RoceOpcode.RC_WRITE_MIDDLE, 6, 256);
        send(RoceOpcode.RC_WRITE_LAST, 7, 92);
        requireBroken("T12");
    }

    @Test
    void shouldFindPaddingThatIsNotZero() {
        int length = begin(RoceOpcode.RC_SEND_ONLY, RIGHT, 2, 5);
        packet.set(ValueLayout.JAVA_BYTE, length - 4, (byte) 1);
        model.onSent(THERE, packet.asByteBuffer(), length);
        requireLegal();
        packet.set(ValueLayout.JAVA_BYTE, length - 1, (byte) 1);
        model.onSent(THERE, packet.asByteBuffer(), length);
        requireBroken("M10");
    }

    @Test
    void shouldAllowOneNakForEachGap() {
        arrive(100);
        arrive(102);
        nak(101);
        arrive(103);
        arrive(101);
        arrive(102);
        arrive(104);
        nak(103);
        requireLegal();
    }

    @Test
    void shouldFindASecondNakForTheSameGap() {
        arrive(100);
        arrive(102);
        nak(101);
        arrive(103);
        nak(101);
        requireBroken("T10");
    }

    @Test
    void shouldFindANakWithoutAGap() {
        arrive(100);
        nak(101);
        requireBroken("T10");
    }

    /// A packet of an earlier connection is behind what the NAK asks for, another one ahead of it.
    @Test
    void shouldAllowANakForALatePacketWithAnyPsn() {
        arrive(12_591_046);
        arrive(8_394_888);
        nak(8_551);
        requireLegal();
    }
}
