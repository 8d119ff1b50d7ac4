package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.roce.EngineScript.RECEIVE_PSN;
import static org.softverbs.soft.roce.EngineScript.SEND_PSN;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Extended reliable connections, packet by packet.
class XrcScriptTest {

    private static final int QUEUE = 0x0a_0b0c;
    private static final int OTHER = 0x0a_0b0d;

    private final EngineScript initiator = EngineScript.of(QueuePairType.XRC_SEND);
    private final EngineScript target = EngineScript.of(QueuePairType.XRC_RECV);
    private final SharedReceives queue = newQueue(QUEUE, EngineScript.DOMAIN);
    private final SharedReceives other = newQueue(OTHER, EngineScript.OTHER_DOMAIN);

    private SharedReceives newQueue(int number, int domain) {
        SharedReceives made =
                new SharedReceives(number, domain, false, new ReceiveQueue(8, 1), () -> {});
        target.xrcQueues.put(number, made);
        return made;
    }

    private static TestPacket send(RoceOpcode opcode, int psn, int length) {
        return TestPacket.of(opcode, psn).toQueue(QUEUE).payload(length);
    }

    // The initiator

    @Test
    void shouldNameTheQueueInEveryPacketOfARequest() {
        initiator.post(1, SendOperation.SEND, 600, wqe -> wqe.remoteQueue(QUEUE));
        initiator.expectPacket(RoceOpcode.XRC_SEND_FIRST, SEND_PSN).toQueue(QUEUE).payload(256);
        initiator.expectPacket(RoceOpcode.XRC_SEND_MIDDLE, SEND_PSN + 1).toQueue(QUEUE);
        initiator
                .expectPacket(RoceOpcode.XRC_SEND_LAST, SEND_PSN + 2)
                .toQueue(QUEUE)
                .payload(88)
                .askingForAck(true);
        initiator.inject(
                TestPacket.of(RoceOpcode.XRC_ACKNOWLEDGE, SEND_PSN + 2)
                        .aeth(AckSyndrome.ACK_UNLIMITED));
        initiator.expectCompletion(1);
        initiator.expectNothing();
    }

    @Test
    void shouldAskForReadsAndAtomicsOfAQueue() {
        initiator.post(1, SendOperation.RDMA_READ, 300, wqe -> wqe.remoteQueue(QUEUE));
        initiator
                .expectPacket(RoceOpcode.XRC_READ_REQUEST, SEND_PSN)
                .toQueue(QUEUE)
                .reth(EXPOSED, 300);
        initiator.inject(
                TestPacket.of(RoceOpcode.XRC_READ_RESPONSE_FIRST, SEND_PSN)
                        .aeth(AckSyndrome.ACK_UNLIMITED)
                        .payload(256));
        initiator.inject(
                TestPacket.of(RoceOpcode.XRC_READ_RESPONSE_LAST, SEND_PSN + 1)
                        .aeth(AckSyndrome.ACK_UNLIMITED)
                        .payload(44));
        initiator.expectCompletion(1);
        initiator.post(2, SendOperation.FETCH_AND_ADD, 8, wqe -> wqe.remoteQueue(OTHER));
        initiator.expectPacket(RoceOpcode.XRC_FETCH_ADD, SEND_PSN + 2).toQueue(OTHER);
        initiator.inject(
                TestPacket.of(RoceOpcode.XRC_ATOMIC_ACKNOWLEDGE, SEND_PSN + 2)
                        .aeth(AckSyndrome.ACK_UNLIMITED)
                        .original(7));
        initiator.expectCompletion(2);
        initiator.expectNothing();
    }

    @Test
    void shouldSendTheQueueAgainAfterALoss() {
        initiator.post(1, SendOperation.SEND, 300, wqe -> wqe.remoteQueue(QUEUE));
        initiator.expectPacket(RoceOpcode.XRC_SEND_FIRST, SEND_PSN);
        initiator.expectPacket(RoceOpcode.XRC_SEND_LAST, SEND_PSN + 1);
        initiator.inject(
                TestPacket.of(RoceOpcode.XRC_ACKNOWLEDGE, SEND_PSN)
                        .aeth(AckSyndrome.NAK_PSN_SEQUENCE_ERROR));
        initiator.expectPacket(RoceOpcode.XRC_SEND_FIRST, SEND_PSN).toQueue(QUEUE);
        initiator.expectPacket(RoceOpcode.XRC_SEND_LAST, SEND_PSN + 1).toQueue(QUEUE);
        initiator.expectNothing();
    }

    @Test
    void shouldServeNobodyAsAnInitiator() {
        initiator.inject(send(RoceOpcode.XRC_SEND_ONLY, RECEIVE_PSN, 4));
        assertThat(initiator.count(TransportCounter.DROPPED_WRONG_SERVICE)).isEqualTo(1);
        initiator.expectNothing();
    }

    // The target

    @Test
    void shouldReceiveForTheQueueThatIsNamed() {
        target.postShared(queue, 7, 600);
        target.postShared(other, 8, 600);
        target.inject(send(RoceOpcode.XRC_SEND_FIRST, RECEIVE_PSN, 256));
        target.inject(send(RoceOpcode.XRC_SEND_LAST, RECEIVE_PSN + 1, 3).askForAck());
        target.expectReceive(7, WorkCompletionOpcode.RECV, 259);
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN + 1)
                .syndrome(AckSyndrome.ACK_UNLIMITED);
        target.expectNothing();
        assertThat(other.queue().size()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAMessageThatChangesItsQueue() {
        target.postShared(queue, 7, 600);
        target.postShared(other, 8, 600);
        target.inject(send(RoceOpcode.XRC_SEND_FIRST, RECEIVE_PSN, 256));
        target.inject(
                TestPacket.of(RoceOpcode.XRC_SEND_LAST, RECEIVE_PSN + 1)
                        .toQueue(OTHER)
                        .payload(3)
                        .askForAck());
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN + 1)
                .syndrome(AckSyndrome.NAK_INVALID_REQUEST);
        target.expectEvent(AsyncEventType.QP_REQ_ERR);
        target.expectReceiveFlushed(7);
        target.expectState(QueuePairState.ERR);
        target.expectNothing();
        assertThat(other.queue().size()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAQueueThatIsNotThere() {
        target.inject(TestPacket.of(RoceOpcode.XRC_SEND_ONLY, RECEIVE_PSN).toQueue(1).payload(4));
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN)
                .syndrome(AckSyndrome.NAK_INVALID_REQUEST);
        target.expectEvent(AsyncEventType.QP_REQ_ERR);
        target.expectState(QueuePairState.ERR);
        target.expectNothing();
    }

    @Test
    void shouldAskToWaitForAReceiveOfTheQueueThatIsNamed() {
        target.postShared(other, 8, 600);
        target.inject(send(RoceOpcode.XRC_SEND_ONLY, RECEIVE_PSN, 4));
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN)
                .syndrome(AckSyndrome.rnrNak(12));
        target.postShared(queue, 7, 600);
        target.inject(send(RoceOpcode.XRC_SEND_ONLY, RECEIVE_PSN, 4));
        target.expectReceive(7, WorkCompletionOpcode.RECV, 4);
        target.expectNothing();
    }

    @Test
    void shouldLookForMemoryInTheDomainOfTheQueue() {
        target.inject(
                TestPacket.of(RoceOpcode.XRC_WRITE_ONLY, RECEIVE_PSN)
                        .toQueue(QUEUE)
                        .reth(EXPOSED, EXPOSED_KEY, 4)
                        .payload(4)
                        .askForAck());
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN)
                .syndrome(AckSyndrome.ACK_UNLIMITED);
        target.inject(
                TestPacket.of(RoceOpcode.XRC_WRITE_ONLY, RECEIVE_PSN + 1)
                        .toQueue(OTHER)
                        .reth(EXPOSED, EXPOSED_KEY, 4)
                        .payload(4)
                        .askForAck());
        target.expectPacket(RoceOpcode.XRC_ACKNOWLEDGE, RECEIVE_PSN + 1)
                .syndrome(AckSyndrome.NAK_REMOTE_ACCESS_ERROR);
        target.expectEvent(AsyncEventType.QP_ACCESS_ERR);
        target.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldAnswerAReadAsTheOneWhoAsked() {
        target.inject(
                TestPacket.of(RoceOpcode.XRC_READ_REQUEST, RECEIVE_PSN)
                        .toQueue(QUEUE)
                        .reth(EXPOSED, EXPOSED_KEY, 300)
                        .askForAck());
        target.expectPacket(RoceOpcode.XRC_READ_RESPONSE_FIRST, RECEIVE_PSN).payload(256);
        target.expectPacket(RoceOpcode.XRC_READ_RESPONSE_LAST, RECEIVE_PSN + 1).payload(44);
        target.expectNothing();
    }

    @Test
    void shouldAskForNothingAsATarget() {
        target.inject(
                TestPacket.of(RoceOpcode.XRC_ACKNOWLEDGE, SEND_PSN)
                        .aeth(AckSyndrome.ACK_UNLIMITED));
        assertThat(target.count(TransportCounter.DROPPED_WRONG_SERVICE)).isEqualTo(1);
        target.expectNothing();
    }
}
