package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.REM_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.QueuePairState;

/// Rows RUT-QP about what a queue pair does in each state.
@Conformance
class QueuePairStateTest {

    private static final String NOT_TAKEN = "refused at once with EINVAL, and not kept";
    private static final Setup SETUP = Setup.standard();

    @Test
    @Tag("RUT-QP-026")
    void shouldBeAsNewAfterAReset(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        for (int round = 0; round < 3; round++) {
            own.fill(round + 1);
            pair.right().receive(round, to.all());
            assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
            assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
            assertThat(to.equalsBytes(own)).isTrue();
            pair.left().move(QueuePairState.ERR);
            pair.right().move(QueuePairState.ERR);
            pair.reconnect();
        }
    }

    @Test
    @Tag("RUT-QP-028")
    void shouldServeReadsWhileItEntersReadyToSend(Rig rig) {
        End left = rig.left().end(SETUP);
        End right = rig.right().end(SETUP);
        left.connectTo(right);
        right.initialize();
        right.queuePair().modify(right.readyToReceive(left).build());
        Buffer own = rig.left().buffer(1 << 16);
        Buffer from = rig.right().buffer(1 << 16).fill(1);
        for (int i = 0; i < 20; i++) {
            left.post(SIGNALED.read(i, own.all(), from));
        }
        assertThat(left.awaitSent(2)).hasSize(2);
        assertThat(right.state()).isEqualTo(QueuePairState.RTR);
        right.queuePair().modify(right.readyToSend().build());
        assertThat(left.sentStatuses()).hasSize(18).containsOnly(SUCCESS);
        assertThat(own.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("RUT-QP-030")
    @Decision(NOT_TAKEN)
    void shouldNotKeepAReceiveOfReset(Rig rig) {
        End left = rig.left().end(SETUP);
        End right = rig.right().end(SETUP);
        Buffer to = rig.right().buffer(64);
        Expect.refused(Errno.EINVAL, () -> right.receive(1, to.all()));
        left.connectTo(right);
        assertThat(left.run(SIGNALED.send(1, rig.left().buffer(64).fill(1).all())))
                .isIn(RETRY_EXC_ERR, REM_OP_ERR);
        assertThat(right.received()).isEmpty();
        // Nor does it turn up later.
        right.connectTo(left);
        assertThat(right.received()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-QP-031")
    @Decision(NOT_TAKEN)
    void shouldNotKeepASendOfInit(Rig rig) {
        End left = rig.left().end(SETUP);
        End right = rig.right().end(SETUP);
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        right.connectTo(left);
        left.initialize();
        Expect.refused(Errno.EINVAL, () -> left.post(SIGNALED.write(1, own.all(), to)));
        left.queuePair().modify(left.readyToReceive(right).build());
        left.queuePair().modify(left.readyToSend().build());
        assertThat(left.sent()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-QP-035")
    void shouldFlushSendsInError(Rig rig) {
        Pair pair = rig.connect();
        pair.left().move(QueuePairState.ERR);
        Buffer to = rig.right().buffer(64);
        Buffer own = rig.left().buffer(64).fill(1);
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(WR_FLUSH_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-QP-037")
    void shouldFlushBatchAfterBatchInError(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer to = rig.right().buffer(64);
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        pair.left().move(QueuePairState.ERR);
        for (int batch = 0; batch < 5; batch++) {
            for (int i = 0; i < 20; i++) {
                pair.left().post(SIGNALED.write(i, own.all(), to));
            }
            assertThat(pair.left().sentStatuses()).hasSize(20).containsOnly(WR_FLUSH_ERR);
        }
    }

    @Test
    @Tag("RUT-QP-038")
    void shouldFlushReceivesInError(Rig rig) {
        Pair pair = rig.connect();
        pair.left().move(QueuePairState.ERR);
        pair.left().receive(1, rig.left().buffer(64).all());
        assertThat(pair.left().receivedStatuses()).containsExactly(WR_FLUSH_ERR);
    }

    @Test
    @Tag("RUT-QP-040")
    void shouldMoveFromReadyToSendToError(Rig rig) {
        Pair pair = rig.connect();
        pair.left().move(QueuePairState.ERR);
        assertThat(pair.left().queuePair().query().state()).isEqualTo(QueuePairState.ERR);
    }
}
