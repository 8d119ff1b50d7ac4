package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST_WITH_IMMEDIATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST_WITH_IMMEDIATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a responder does with requests in order, out of order, and again.
class ResponderScriptTest {

    private static final int PSN = EngineScript.RECEIVE_PSN;
    private static final int SEQUENCE = AckSyndrome.NAK_PSN_SEQUENCE_ERROR;
    private static final int ACCESS = AckSyndrome.NAK_REMOTE_ACCESS_ERROR;
    private static final int INVALID = AckSyndrome.NAK_INVALID_REQUEST;

    @Test
    void shouldSendOneAckForABatch() {
        EngineScript script = EngineScript.connected();
        script.injectBatch(
                write(PSN, 8).askForAck(), write(PSN + 1, 8).askForAck(), write(PSN + 2, 8));
        script.expectPacket(RC_ACKNOWLEDGE, PSN + 1).syndrome(0x1f).messageSequenceNumber(3);
        script.expectNothing();
    }

    @Test
    void shouldNotAckWhenNotAsked() {
        EngineScript script = EngineScript.connected();
        script.inject(write(PSN, 8));
        script.expectNothing();
        script.inject(write(PSN + 1, 8).askForAck());
        script.expectAck(PSN + 1);
        script.expectNothing();
    }

    @Test
    void shouldReceiveAMessageOfManyPacketsAcrossTheWrap() {
        EngineScript script =
                EngineScript.connected(connection -> connection.receivePsn(0xff_ffff));
        script.postReceive(7, 1000);
        script.inject(TestPacket.of(RC_SEND_FIRST, 0xff_ffff).payload(256));
        script.inject(TestPacket.of(RC_SEND_MIDDLE, 0).payload(256));
        script.inject(
                TestPacket.of(RC_SEND_LAST_WITH_IMMEDIATE, 1)
                        .immediate(9)
                        .payload(3)
                        .solicited()
                        .askForAck());
        assertThat(script.expectReceive(7, WorkCompletionOpcode.RECV, 515).immediate()).hasValue(9);
        assertThat(script.lastWasSolicited()).isTrue();
        script.expectAck(1);
        script.expectNothing();
    }

    @Test
    void shouldNakAGapOnceUntilTheMissingPacketCame() {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 100);
        script.inject(send(PSN + 1));
        script.expectNak(PSN, SEQUENCE).messageSequenceNumber(0);
        for (int i = 2; i < 1000; i++) {
            script.inject(send(PSN + i));
        }
        script.expectNothing();
        script.inject(send(PSN));
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.expectAck(PSN);
        script.inject(write(PSN + 2, 8));
        script.expectNak(PSN + 1, SEQUENCE);
        script.expectNothing();
    }

    @Test
    void shouldAckADuplicateAndNotCarryItOutAgain() {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 100);
        script.postReceive(2, 100);
        script.inject(send(PSN));
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.inject(write(PSN + 1, 8).askForAck());
        script.dropSent();
        script.exposed.set(ValueLayout.JAVA_LONG, 0, 0);
        script.inject(send(PSN));
        script.expectAck(PSN + 1);
        script.inject(write(PSN + 1, 8));
        script.expectAck(PSN + 1);
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isZero();
        script.expectNothing();
        assertThat(script.count(TransportCounter.DUPLICATE_REQUESTS)).isEqualTo(2);
    }

    @Test
    void shouldAskToWaitWhenThereIsNoReceive() {
        EngineScript script = EngineScript.connected();
        script.injectBatch(send(PSN), send(PSN + 1), send(PSN + 2));
        script.expectNak(PSN, AckSyndrome.rnrNak(12));
        script.expectNothing();
        script.inject(send(PSN));
        script.expectNak(PSN, AckSyndrome.rnrNak(12));
        script.postReceive(1, 100);
        script.inject(send(PSN));
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.expectAck(PSN);
        script.expectNothing();
    }

    @Test
    void shouldPlaceTheWholeWriteBeforeItsImmediateWaitsForAReceive() {
        EngineScript script = EngineScript.connected();
        script.inject(
                TestPacket.of(RC_WRITE_FIRST, PSN).reth(EXPOSED, EXPOSED_KEY, 300).payload(256));
        TestPacket last =
                TestPacket.of(RC_WRITE_LAST_WITH_IMMEDIATE, PSN + 1)
                        .immediate(5)
                        .payload(44)
                        .askForAck();
        script.inject(last);
        script.expectNak(PSN + 1, AckSyndrome.rnrNak(12));
        script.postReceive(1, 0);
        script.inject(last);
        script.expectReceive(1, WorkCompletionOpcode.RECV_RDMA_WITH_IMM, 300);
        script.expectAck(PSN + 1);
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 256 + 43))
                .isEqualTo(TestPacket.payloadByte(43));
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 300)).isZero();
        script.expectNothing();
    }

    /// RUT-RC-044: the receive of a WRITE with immediate that is refused tells of it.
    @Test
    void shouldFailTheReceiveWhenAWriteWithImmediateHasABadKey() {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 100);
        script.postReceive(2, 100);
        script.inject(
                TestPacket.of(RC_WRITE_ONLY_WITH_IMMEDIATE, PSN)
                        .reth(EXPOSED, 0xbad, 8)
                        .immediate(5)
                        .payload(8));
        script.expectNak(PSN, ACCESS);
        script.expectReceive(1, WorkCompletionStatus.LOC_ACCESS_ERR);
        script.expectReceive(2, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectEvent(AsyncEventType.QP_ACCESS_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldAnswerAReadWithFirstMiddleLast() {
        EngineScript script = EngineScript.connected();
        script.exposed.set(ValueLayout.JAVA_BYTE, 600, (byte) 0x55);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 601));
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN)
                .payload(256)
                .syndrome(0x1f)
                .messageSequenceNumber(1);
        script.expectPacket(RC_READ_RESPONSE_MIDDLE, PSN + 1).payload(256);
        SentPacket last = script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 2).payload(89);
        assertThat(last.packet().payload().toArray()[88]).isEqualTo((byte) 0x55);
        script.inject(TestPacket.readRequest(PSN + 3, 1, 2, 0));
        script.expectPacket(RC_READ_RESPONSE_ONLY, PSN + 3).payload(0).messageSequenceNumber(2);
        script.inject(send(PSN + 4));
        script.expectNak(PSN + 4, AckSyndrome.rnrNak(12));
        script.expectNothing();
    }

    @Test
    void shouldAnswerADuplicateReadInsideItsOriginalRangeOnly() {
        EngineScript script = EngineScript.connected();
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        script.dropSent();
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        assertThat(script.takeSent()).hasSize(4);
        // The rest, from the third packet on.
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED + 512, EXPOSED_KEY, 488));
        script.expectPacket(RC_READ_RESPONSE_MIDDLE, PSN + 2).payload(256);
        script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 3).payload(232);
        // Larger, shifted, shorter than the rest, another key, an atomic with its PSN.
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1001));
        script.inject(TestPacket.readRequest(PSN, EXPOSED + 1, EXPOSED_KEY, 999));
        script.inject(TestPacket.readRequest(PSN, EXPOSED - 1, EXPOSED_KEY, 1000));
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED, EXPOSED_KEY, 488));
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED + 512, EXPOSED_KEY, 256));
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED + 512, EXPOSED_KEY, 1L << 40));
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EngineScript.LOCAL_KEY, 1000));
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectNothing();
        assertThat(script.count(TransportCounter.DROPPED_BAD_DUPLICATE)).isEqualTo(8);
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isZero();
        script.expectState(QueuePairState.RTS);
    }

    /// A copy of an old READ request that the network held back: the memory is the owner's again.
    @Test
    void shouldDropADuplicateReadAfterDeregistration() {
        EngineScript script = EngineScript.connected();
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        script.dropSent();
        script.deregister(EXPOSED_KEY);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        script.expectNothing();
        script.expectState(QueuePairState.RTS);
        script.postReceive(1, 100);
        script.inject(send(PSN + 4));
        script.expectAck(PSN + 4);
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.expectNothing();
    }

    @Test
    void shouldAnswerADuplicateAtomicFromTheStore() {
        EngineScript script = EngineScript.connected();
        script.exposed.set(ValueLayout.JAVA_LONG, 8, 40);
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED + 8, EXPOSED_KEY, 2));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(40).messageSequenceNumber(1);
        script.inject(TestPacket.compareSwap(PSN + 1, EXPOSED + 8, EXPOSED_KEY, 42, 7));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN + 1).original(42);
        for (int i = 0; i < 3; i++) {
            script.inject(TestPacket.fetchAdd(PSN, EXPOSED + 8, EXPOSED_KEY, 2));
            script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(40).messageSequenceNumber(1);
            script.inject(TestPacket.compareSwap(PSN + 1, EXPOSED + 8, EXPOSED_KEY, 42, 7));
            script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN + 1).original(42);
        }
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(7);
        // Other operands, address, key or operation.
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED + 8, EXPOSED_KEY, 3));
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED + 16, EXPOSED_KEY, 2));
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED + 8, EXPOSED_KEY + 1, 2));
        script.inject(TestPacket.compareSwap(PSN, EXPOSED + 8, EXPOSED_KEY, 0, 2));
        script.inject(TestPacket.compareSwap(PSN + 1, EXPOSED + 8, EXPOSED_KEY, 41, 7));
        script.inject(TestPacket.readRequest(PSN, EXPOSED + 8, EXPOSED_KEY, 8));
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(7);
    }

    @Test
    void shouldDropADuplicateThatIsOlderThanItsStore() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(2));
        for (int i = 0; i < 3; i++) {
            script.inject(TestPacket.fetchAdd(PSN + i, EXPOSED, EXPOSED_KEY, 1));
        }
        script.dropSent();
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 128})
    void shouldRefuseMoreReadsThanItAllowed(int limit) {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(limit));
        script.room(0);
        for (int i = 0; i <= limit; i++) {
            script.inject(TestPacket.readRequest(PSN + i, EXPOSED + 8L * i, EXPOSED_KEY, 8));
        }
        if (limit > 0) {
            // The slots still hold what they held: the first READ is answered again.
            script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 8));
        }
        script.expectEvent(AsyncEventType.QP_REQ_ERR);
        script.room(1000);
        for (int i = 0; i < limit; i++) {
            script.expectPacket(RC_READ_RESPONSE_ONLY, PSN + i);
        }
        script.expectNak(PSN + limit, INVALID).messageSequenceNumber(limit);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldRefuseAnAtomicBeyondTheLimitWithoutCarryingItOut() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(1));
        script.room(0);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 8));
        script.inject(TestPacket.fetchAdd(PSN + 1, EXPOSED, EXPOSED_KEY, 1));
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isZero();
        script.expectEvent(AsyncEventType.QP_REQ_ERR);
    }

    /// The peer had the answer, or it would not send the next: a copy of the old request that came
    /// late takes no slot from the new one.
    @Test
    void shouldTakeANewReadWhileALateDuplicateIsAnswered() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(1));
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        script.dropSent();
        script.room(1);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 1000));
        script.inject(TestPacket.readRequest(PSN + 4, EXPOSED, EXPOSED_KEY, 300));
        script.room(100);
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN);
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN + 4).payload(256);
        script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 5).payload(44);
        script.expectNothing();
        script.expectState(QueuePairState.RTS);
    }

    /// Go-back-N asks for both again, the older first, while the newer is still being answered.
    @Test
    void shouldAnswerDuplicatesInTheOrderOfTheirPsn() {
        EngineScript script = EngineScript.connected();
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 512));
        script.dropSent();
        script.room(1);
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED, EXPOSED_KEY, 512));
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN + 2);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 512));
        script.inject(TestPacket.readRequest(PSN + 2, EXPOSED, EXPOSED_KEY, 512));
        script.room(100);
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN);
        script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 1);
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN + 2);
        script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 3);
        script.expectNothing();
    }

    /// 2^24 packets later the same PSN is another atomic: its result is the one that counts.
    @Test
    void shouldAnswerWithTheNewestOfTwoAtomicsWithTheSamePsn() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(4));
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        int psn = PSN + 1;
        // Something between the two, so that the second takes another slot than the first.
        for (int i = 0; i < 2; i++) {
            script.inject(TestPacket.readRequest(psn, EXPOSED, EXPOSED_KEY, 0));
            psn++;
        }
        script.dropSent();
        TestPacket filler = write(0, 8);
        script.recordPackets(false);
        while ((psn & 0xff_ffff) != PSN) {
            filler.bth().psn(psn & 0xff_ffff);
            script.inject(filler);
            psn++;
        }
        script.recordPackets(true);
        script.exposed.set(ValueLayout.JAVA_LONG, 0, 1000);
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(1000);
        script.inject(TestPacket.fetchAdd(PSN, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN).original(1000);
        script.expectNothing();
    }

    @Test
    void shouldSendAFatalNakBehindTheAnswersThatArePending() {
        EngineScript script = EngineScript.connected();
        script.room(1);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 600));
        script.inject(TestPacket.fetchAdd(PSN + 3, EXPOSED, EXPOSED_KEY, 5));
        script.inject(TestPacket.of(RC_WRITE_LAST, PSN + 4).payload(8));
        // What comes after the end is not carried out.
        script.inject(write(PSN + 4, 8).askForAck());
        script.inject(write(PSN + 5, 8).askForAck());
        script.expectEvent(AsyncEventType.QP_REQ_ERR);
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN);
        script.expectNothing();
        script.room(100);
        script.expectPacket(RC_READ_RESPONSE_MIDDLE, PSN + 1);
        script.expectPacket(RC_READ_RESPONSE_LAST, PSN + 2);
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, PSN + 3);
        script.expectNak(PSN + 4, INVALID);
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(5);
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldNakAWriteWhoseMemoryIsDeregisteredInTheMiddle() {
        EngineScript script = EngineScript.connected();
        script.inject(
                TestPacket.of(RC_WRITE_FIRST, PSN).reth(EXPOSED, EXPOSED_KEY, 768).payload(256));
        script.deregister(EXPOSED_KEY);
        script.inject(TestPacket.of(RC_WRITE_MIDDLE, PSN + 1).payload(256));
        script.expectNak(PSN + 1, ACCESS);
        script.expectEvent(AsyncEventType.QP_ACCESS_ERR);
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 255)).isNotZero();
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 256)).isZero();
    }

    @Test
    void shouldNakAReadWhoseMemoryIsDeregisteredInTheMiddle() {
        EngineScript script = EngineScript.connected();
        script.room(1);
        script.inject(TestPacket.readRequest(PSN, EXPOSED, EXPOSED_KEY, 768));
        script.expectPacket(RC_READ_RESPONSE_FIRST, PSN);
        script.deregister(EXPOSED_KEY);
        script.room(100);
        script.expectNak(PSN + 1, ACCESS);
        script.expectEvent(AsyncEventType.QP_ACCESS_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldFailTheReceiveWhoseMemoryIsDeregistered() {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 1000);
        script.inject(TestPacket.of(RC_SEND_FIRST, PSN).payload(256));
        script.deregister(EngineScript.LOCAL_KEY);
        script.inject(TestPacket.of(RC_SEND_LAST, PSN + 1).payload(256));
        script.expectNak(PSN + 1, AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR);
        script.expectReceive(1, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectEvent(AsyncEventType.QP_FATAL);
        script.expectNothing();
    }

    @Test
    void shouldLetAPeerReadTwoToTheThirtyOneBytes() {
        EngineScript script =
                new EngineScript(false, new MemoryAccessDoubles.Sparse(4096), c -> {});
        script.recordPackets(false);
        script.inject(TestPacket.readRequest(PSN, 0, 1, 1L << 31));
        script.recordPackets(true);
        assertThat(script.count(TransportCounter.SENT_PACKETS)).isEqualTo(1L << 23);
        int next = PSN + (1 << 23);
        script.inject(TestPacket.readRequest(next & 0xff_ffff, 0, 1, 8));
        script.expectPacket(RC_READ_RESPONSE_ONLY, next).messageSequenceNumber(2);
        script.expectNothing();
    }

    private static TestPacket write(int psn, int length) {
        return TestPacket.of(RC_WRITE_ONLY, psn).reth(EXPOSED, EXPOSED_KEY, length).payload(length);
    }

    private static TestPacket send(int psn) {
        return TestPacket.of(RC_SEND_ONLY, psn).payload(8).askForAck();
    }
}
