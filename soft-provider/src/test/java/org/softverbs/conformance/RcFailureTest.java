package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_INV_REQ_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendCursor;

/// Rows RUT-RC about queue pairs that fail, and about the requests themselves.
@Conformance
class RcFailureTest {

    private static final int BAD_KEY = 0xbad;

    /// Nothing of a request is kept: neither the cursor nor its elements may be looked at again.
    @Test
    @Tag("RUT-RC-077")
    void shouldNeedNothingOfARequestThatWasPosted(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(128).fill(1);
        Buffer to = rig.right().buffer(128);
        SendCursor cursor = pair.left().queuePair().sendCursor();
        cursor.rdmaWrite(1, to.address(), to.key()).element(own.address(), 64, own.key());
        cursor.signaled().moreToCome().post();
        // The cursor's fields are those of another request before the first one is looked at.
        cursor.rdmaWrite(2, to.address() + 64, to.key());
        cursor.element(own.address() + 64, 64, own.key()).signaled().post();
        cursor.rdmaWrite(3, 0, BAD_KEY).element(0, 1, BAD_KEY);
        assertThat(pair.left().sentStatuses()).containsExactly(SUCCESS, SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-RC-078")
    void shouldFlushBehindAnInvalidRequest(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.left().post(SIGNALED.fetchAndAdd(1, own.part(0, 8), to.address() + 1, to.key(), 1));
        pair.left().post(SIGNALED.write(2, own.all(), to));
        assertThat(pair.left().sentStatuses()).containsExactly(REM_INV_REQ_ERR, WR_FLUSH_ERR);
        assertThat(pair.left().state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.right().state()).isEqualTo(QueuePairState.ERR);
        assertThat(to.copy()).containsOnly(0);
        assertThat(pair.left().sent()).isEmpty();
        assertThat(pair.right().sent()).isEmpty();
        assertThat(pair.right().received()).isEmpty();
    }

    @Test
    @Tag("RUT-RC-079")
    void shouldBeReadyToSendAfterSetUp(Rig rig) {
        Pair pair = rig.connect();
        assertThat(pair.left().queuePair().query().state()).isEqualTo(QueuePairState.RTS);
        assertThat(pair.right().queuePair().query().state()).isEqualTo(QueuePairState.RTS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-RC-080")
    void shouldServeOnlyInStatesThatReceive(Operation operation, Rig rig) {
        Buffer own = rig.left().buffer(8).word(0, 7);
        for (QueuePairState state : QueuePairState.values()) {
            if (state == QueuePairState.SQD || state == QueuePairState.SQE) {
                continue;
            }
            Buffer word = rig.right().buffer(8).word(0, Operation.OLD);
            End right = rig.right().end(Setup.standard());
            End left = rig.left().end(Setup.standard());
            left.connectTo(right);
            bring(right, left, state);
            boolean serves = state == QueuePairState.RTR || state == QueuePairState.RTS;
            assertThat(
                            left.run(
                                    operation.request(
                                            SIGNALED, 1, own.all(), word.address(), word.key())))
                    .as("%s", state)
                    .isEqualTo(serves ? SUCCESS : RETRY_EXC_ERR);
            boolean changes = serves && operation != Operation.READ;
            assertThat(word.word(0) == Operation.OLD).as("%s", state).isEqualTo(!changes);
        }
    }

    private static void bring(End end, End peer, QueuePairState state) {
        if (state == QueuePairState.RESET) {
            return;
        }
        end.initialize();
        if (state == QueuePairState.INIT) {
            return;
        }
        end.queuePair().modify(end.readyToReceive(peer).build());
        if (state == QueuePairState.RTR) {
            return;
        }
        end.queuePair().modify(end.readyToSend().build());
        if (state == QueuePairState.ERR) {
            end.move(state);
        }
    }

    @Test
    @Tag("RUT-RC-082")
    void shouldFlushBehindAFailureInOrder(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.left().post(SIGNALED.write(1, own.by(BAD_KEY), to));
        pair.left().post(SIGNALED.write(2, own.all(), to));
        assertThat(pair.left().sentStatuses()).containsExactly(LOC_PROT_ERR, WR_FLUSH_ERR);
        assertThat(pair.left().state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.right().state()).isEqualTo(QueuePairState.RTS);
        assertThat(to.copy()).containsOnly(0);
    }
}
