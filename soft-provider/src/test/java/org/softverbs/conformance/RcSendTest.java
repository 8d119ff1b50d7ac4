package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RNR_RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-RC about SEND and its kin.
@Conformance
class RcSendTest {

    private static final int BAD_KEY = 0xbad;

    @Test
    @Tag("RUT-RC-001")
    void shouldDeliverASend(Rig rig) {
        Pair pair = rig.connect();
        Buffer from = rig.left().buffer(1000).fill(1);
        Buffer to = rig.right().buffer(1000);
        pair.right().receive(7, to.all());
        pair.left().post(SIGNALED.send(3, from.all()));
        WorkCompletion sent = one(pair.left().sent());
        assertThat(sent.status()).isEqualTo(SUCCESS);
        assertThat(sent.opcode()).isEqualTo(WorkCompletionOpcode.SEND);
        assertThat(sent.workRequestId()).isEqualTo(3);
        assertThat(sent.queuePairNumber()).isEqualTo(pair.left().number());
        WorkCompletion received = one(pair.right().received());
        assertThat(received.status()).isEqualTo(SUCCESS);
        assertThat(received.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(received.workRequestId()).isEqualTo(7);
        assertThat(received.byteLength()).isEqualTo(1000);
        assertThat(received.queuePairNumber()).isEqualTo(pair.right().number());
        assertThat(received.immediate()).isEmpty();
        assertThat(received.invalidatedKey()).isEmpty();
        assertThat(to.equalsBytes(from)).isTrue();
    }

    private static WorkCompletion one(List<WorkCompletion> completions) {
        assertThat(completions).hasSize(1);
        return completions.getFirst();
    }

    @Test
    @Tag("RUT-RC-002")
    void shouldDeliverManySendsOneAfterAnother(Rig rig) {
        Pair pair = rig.connect();
        Buffer from = rig.left().buffer(64);
        Buffer to = rig.right().buffer(64);
        for (int i = 0; i < 500; i++) {
            from.fill(i);
            pair.right().receive(i, to.all());
            assertThat(pair.left().run(SIGNALED.send(i, from.all()))).isEqualTo(SUCCESS);
            assertThat(one(pair.right().received()).workRequestId()).isEqualTo(i);
            assertThat(to.equalsBytes(from)).isTrue();
        }
    }

    @Test
    @Tag("RUT-RC-003")
    void shouldDeliverASendWithoutElements(Rig rig) {
        Pair pair = rig.connect();
        pair.right().receive(1);
        assertThat(pair.left().run(SIGNALED.send(1))).isEqualTo(SUCCESS);
        WorkCompletion received = one(pair.right().received());
        assertThat(received.status()).isEqualTo(SUCCESS);
        assertThat(received.byteLength()).isZero();
    }

    @Test
    @Tag("RUT-RC-004")
    void shouldNotCompleteAnUnsignaledSend(Rig rig) {
        Pair pair = rig.connect();
        for (long length : List.of(64L, 5000L)) {
            Buffer from = rig.left().buffer(length).fill(1);
            Buffer to = rig.right().buffer(length);
            pair.right().receive(1, to.all());
            pair.left().post(UNSIGNALED.send(1, from.all()));
            assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
            assertThat(pair.left().sent()).isEmpty();
            assertThat(to.equalsBytes(from)).isTrue();
        }
    }

    @Test
    @Tag("RUT-RC-005")
    void shouldDeliverASendOf64Megabytes(Rig rig) {
        long length = 64L << 20;
        Pair pair = rig.connect();
        Buffer from = rig.left().buffer(length);
        Buffer to = rig.right().buffer(length);
        for (long at = 0; at < length; at += 8) {
            from.word(at, at * 31 + 5);
        }
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, from.all()))).isEqualTo(SUCCESS);
        assertThat(one(pair.right().received()).byteLength()).isEqualTo(length);
        assertThat(to.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("RUT-RC-009")
    void shouldDeliverImmediateData(Rig rig) {
        Pair pair = rig.connect();
        Buffer from = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.sendWithImmediate(1, 0xf0e1_d2c3, from.all())))
                .isEqualTo(SUCCESS);
        WorkCompletion received = one(pair.right().received());
        assertThat(received.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(received.immediate()).hasValue(0xf0e1_d2c3);
        assertThat(to.equalsBytes(from)).isTrue();
    }

    private static MemoryWindow boundWindow(End on, Buffer to) {
        MemoryWindow window = on.node().window(MemoryWindowType.TYPE_2);
        MemoryWindowBinding binding =
                MemoryWindowBinding.of(
                        to.region(), EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE));
        assertThat(on.run(SIGNALED.bind(1, window, binding))).isEqualTo(SUCCESS);
        return window;
    }

    @Test
    @Tag("RUT-RC-010")
    void shouldInvalidateTheWindowOfASendWithInvalidate(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(9);
        MemoryWindow window = boundWindow(pair.right(), exposed);
        int key = window.remoteKey();
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), exposed.address(), key)))
                .isEqualTo(SUCCESS);
        pair.right().receive(2, rig.right().buffer(64).all());
        assertThat(pair.left().run(SIGNALED.sendWithInvalidate(2, key, own.all())))
                .isEqualTo(SUCCESS);
        WorkCompletion received = one(pair.right().received());
        assertThat(received.status()).isEqualTo(SUCCESS);
        assertThat(received.invalidatedKey()).hasValue(key);
        assertThat(pair.left().run(SIGNALED.read(3, own.all(), exposed.address(), key)))
                .isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-RC-012")
    void shouldGiveUpASendWithInvalidateWithoutAReceive(Rig rig) {
        Pair pair = rig.connect();
        Buffer exposed = rig.right().buffer(64).fill(9);
        int key = boundWindow(pair.right(), exposed).remoteKey();
        Buffer own = rig.left().buffer(64);
        assertThat(pair.left().run(SIGNALED.sendWithInvalidate(2, key, own.all())))
                .isEqualTo(RNR_RETRY_EXC_ERR);
    }

    @Test
    @Tag("RUT-RC-015")
    void shouldNotInvalidateTheWindowOfAnotherQueuePair(Rig rig) {
        Pair pair = rig.connect();
        Pair other = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(9);
        int key = boundWindow(other.right(), exposed).remoteKey();
        pair.right().receive(2, rig.right().buffer(64).all());
        assertThat(pair.left().run(SIGNALED.sendWithInvalidate(2, key, own.all())))
                .isNotEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).singleElement().isNotEqualTo(SUCCESS);
        assertThat(pair.right().state()).isEqualTo(QueuePairState.ERR);
        assertThat(other.left().run(SIGNALED.read(3, own.all(), exposed.address(), key)))
                .isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-RC-017")
    void shouldGiveUpWhenThereIsNoReceive(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(RNR_RETRY_EXC_ERR);
        assertThat(pair.left().state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    @Tag("RUT-RC-018")
    void shouldTryForEverWithSevenRnrRetries(Rig rig) {
        Pair pair = rig.connect(Setup.standard().withRnrRetries(7));
        Buffer own = rig.left().buffer(64).fill(1);
        pair.left().post(SIGNALED.send(1, own.all()));
        assertThat(pair.left().sent()).isEmpty();
        assertThat(pair.left().state()).isEqualTo(QueuePairState.RTS);
        Buffer to = rig.right().buffer(64);
        pair.right().receive(1, to.all());
        assertThat(pair.left().sentStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    /// Sends 64 bytes into a receive that cannot hold them.
    private static void shouldFailAtTheReceiver(Pair pair, Sge into) {
        Buffer own = pair.left().node().buffer(64).fill(1);
        pair.right().receive(1, into);
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(REM_OP_ERR);
        assertThat(pair.right().receivedStatuses()).containsExactly(LOC_PROT_ERR);
    }

    @Test
    @Tag("RUT-RC-019")
    void shouldFailWhenTheReceiveLiesOutsideItsRegion(Rig rig) {
        Buffer to = rig.right().buffer(64);
        shouldFailAtTheReceiver(rig.connect(), to.outside(64, 64));
        shouldFailAtTheReceiver(rig.connect(), to.outside(-64, 64));
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-020")
    void shouldFailWhenTheRegionOfTheReceiveIsGone(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.right().receive(1, to.all());
        to.region().close();
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(REM_OP_ERR);
        assertThat(pair.right().receivedStatuses()).containsExactly(LOC_PROT_ERR);
        assertThat(to.copy()).containsOnly(0);
        assertThat(pair.left().state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.right().state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    @Tag("RUT-RC-021")
    void shouldFailWhenThePayloadPassesTheEndOfTheRegion(Rig rig) {
        Buffer to = rig.right().buffer(64);
        shouldFailAtTheReceiver(rig.connect(), to.outside(1, 64));
    }

    @Test
    @Tag("RUT-RC-022")
    @Decision("the row allows both: only the bytes that arrive are checked")
    void shouldTakeAPayloadThatFitsIntoAReceiveThatIsTooLong(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.right().receive(1, to.outside(0, 65));
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-RC-024")
    void shouldFailWithABadLocalKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        pair.right().receive(1, rig.right().buffer(64).all());
        assertThat(pair.left().run(SIGNALED.send(1, own.by(BAD_KEY)))).isEqualTo(LOC_PROT_ERR);
        assertThat(pair.right().received()).isEmpty();
    }

    @Test
    @Tag("RUT-RC-025")
    void shouldCompleteAnUnsignaledSendThatFails(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        pair.right().receive(1, rig.right().buffer(64).all());
        assertThat(pair.left().run(UNSIGNALED.send(1, own.by(BAD_KEY)))).isEqualTo(LOC_PROT_ERR);
    }

    @Test
    @Tag("RUT-RC-029")
    void shouldCompleteUnsignaledRequestsWhenAllAreSignaled(Rig rig) {
        Pair pair = rig.connect(Setup.standard().withSignalAll());
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        assertThat(pair.left().run(UNSIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }
}
