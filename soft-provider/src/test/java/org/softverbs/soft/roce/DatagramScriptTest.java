package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.DOMAIN;
import static org.softverbs.soft.roce.EngineScript.LOCAL;
import static org.softverbs.soft.roce.EngineScript.LOCAL_KEY;
import static org.softverbs.soft.roce.EngineScript.MEMORY;
import static org.softverbs.soft.roce.EngineScript.NUMBER;
import static org.softverbs.soft.roce.EngineScript.PEER;
import static org.softverbs.soft.roce.EngineScript.QUEUE_KEY;
import static org.softverbs.soft.roce.EngineScript.SEND_PSN;
import static org.softverbs.soft.roce.EngineScript.TO_PEER;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Datagrams, packet by packet.
class DatagramScriptTest {

    private static final int BAD_KEY = 0x0bad_0b00;
    private static final int SOURCE = 0x77;

    private final EngineScript script = EngineScript.of(QueuePairType.UD);

    private SendWqe to(long id, SendOperation operation, int length, int queueKey) {
        SendWqe wqe = script.begin(id, operation);
        if (length > 0) {
            wqe.elements().add(LOCAL, length, LOCAL_KEY);
        }
        wqe.destination(TO_PEER, DOMAIN, PEER, queueKey);
        return wqe;
    }

    private static TestPacket datagram(int length) {
        return TestPacket.of(RoceOpcode.UD_SEND_ONLY, 3).deth(QUEUE_KEY, SOURCE).payload(length);
    }

    private void expectDropped(TransportCounter reason) {
        assertThat(script.count(reason)).isEqualTo(1);
        script.expectState(QueuePairState.RTS);
        script.expectNothing();
    }

    @Test
    void shouldSendADatagramAndCompleteIt() {
        to(1, SendOperation.SEND_WITH_IMMEDIATE, 30, 0x2222).immediateOrKey(5);
        script.post();
        SentPacket sent =
                script.expectPacket(RoceOpcode.UD_SEND_ONLY_WITH_IMMEDIATE, SEND_PSN).payload(30);
        assertThat(sent.extension(Extension.Deth.class))
                .isEqualTo(new Extension.Deth(0x2222, 0, NUMBER));
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldSendItsOwnQueueKeyWhenTheHighestBitIsSet() {
        to(1, SendOperation.SEND, 0, 0x8000_0001);
        script.post();
        SentPacket sent = script.expectPacket(RoceOpcode.UD_SEND_ONLY, SEND_PSN);
        assertThat(sent.extension(Extension.Deth.class).queueKey()).isEqualTo(QUEUE_KEY);
        script.expectCompletion(1);
    }

    @Test
    void shouldSendNothingAndSucceedWhenTheMessageIsTooLong() {
        to(1, SendOperation.SEND, 257, QUEUE_KEY);
        script.post();
        script.expectCompletion(1);
        to(2, SendOperation.SEND, 256, QUEUE_KEY);
        script.post();
        script.expectPacket(RoceOpcode.UD_SEND_ONLY, SEND_PSN).payload(256);
        script.expectCompletion(2);
        script.expectNothing();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RDMA_READ",
                "RDMA_WRITE",
                "RDMA_WRITE_WITH_IMMEDIATE",
                "COMPARE_AND_SWAP",
                "FETCH_AND_ADD",
                "SEND_WITH_INVALIDATE",
                "LOCAL_INVALIDATE"
            })
    void shouldFailWhatTheServiceDoesNotHave(SendOperation operation) {
        script.post(1, operation, 8);
        WorkCompletion failed = script.expectCompletion(1, WorkCompletionStatus.LOC_QP_OP_ERR);
        assertThat(failed.explain().line()).contains("queue pair of type UD has no");
        script.expectState(QueuePairState.SQE);
        script.expectNothing();
    }

    @Test
    void shouldFailAHandleOfAnotherDomain() {
        to(1, SendOperation.SEND, 8, QUEUE_KEY).destination(TO_PEER, DOMAIN + 1, PEER, QUEUE_KEY);
        script.post();
        WorkCompletion failed = script.expectCompletion(1, WorkCompletionStatus.LOC_QP_OP_ERR);
        assertThat(failed.explain().line()).contains("address handle is of protection domain");
        script.expectState(QueuePairState.SQE);
        script.expectNothing();
    }

    @Test
    void shouldPutTheIpHeaderInFrontOfADatagram() {
        script.postReceive(7, 100);
        script.inject(datagram(30));
        WorkCompletion received = script.expectReceive(7, WorkCompletionOpcode.RECV, 70);
        assertThat(received.source()).contains(new DatagramSource(SOURCE, true, 0, 0));
        assertThat(script.local.get(ValueLayout.JAVA_BYTE, MEMORY / 2 + 40))
                .isEqualTo(TestPacket.payloadByte(0));
        script.expectNothing();
    }

    @Test
    void shouldDropADatagramWithAnotherQueueKey() {
        script.postReceive(7, 100);
        script.inject(
                TestPacket.of(RoceOpcode.UD_SEND_ONLY, 3).deth(QUEUE_KEY + 1, SOURCE).payload(8));
        expectDropped(TransportCounter.DROPPED_BAD_QUEUE_KEY);
    }

    @Test
    void shouldDropADatagramThatFindsNoReceive() {
        script.inject(datagram(8));
        expectDropped(TransportCounter.DROPPED_NO_RECEIVE);
    }

    @Test
    void shouldDropADatagramLongerThanItsReceiveWhichTakesTheNext() {
        script.postReceive(7, 47);
        script.inject(datagram(8));
        expectDropped(TransportCounter.DROPPED_TOO_LONG);
        script.inject(datagram(7));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 47);
    }

    @Test
    void shouldDropADatagramLongerThanTheMtu() {
        script.postReceive(7, 1000);
        script.inject(datagram(257));
        expectDropped(TransportCounter.DROPPED_BAD_LENGTH);
    }

    @Test
    void shouldFailTheQueuePairWhenTheMemoryOfAReceiveIsRefused() {
        script.postReceive(7, LOCAL, 64, BAD_KEY);
        script.inject(datagram(8));
        script.expectReceive(7, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectState(QueuePairState.ERR);
    }
}
