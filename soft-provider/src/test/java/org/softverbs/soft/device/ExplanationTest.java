package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.verbs.AccessRefusal;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.KeyState;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// What becomes of an explanation: who keeps it, and for how long.
class ExplanationTest {

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);

    private SendWorkRequest write(long id, int key) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(pair.left.region.element(0, 10)),
                pair.right.region.address(),
                key,
                EnumSet.of(SendFlag.SIGNALED));
    }

    private SendWorkRequest good(long id) {
        return write(id, pair.right.region.remoteKey());
    }

    private SendWorkRequest bad(long id) {
        return write(id, pair.right.region.remoteKey() ^ 1);
    }

    private List<WorkCompletion> runAll(SendWorkRequest... requests) {
        pair.left.queuePair.postSend(List.of(requests));
        pair.settle();
        return pair.left.pollSends();
    }

    private QueuePairState failLeft() {
        runAll(bad(1));
        return pair.left.state();
    }

    @Test
    void shouldSayOfASuccessThatItIsOne() {
        WorkCompletion completion = runAll(good(1)).getFirst();
        assertThat(completion.failure()).isEmpty();
        assertThat(completion.explain())
                .isEqualTo(
                        Explanation.of(
                                new Cause.Succeeded(
                                        pair.left.queuePair.number(),
                                        1,
                                        WorkCompletionOpcode.RDMA_WRITE,
                                        10)));
        assertThat(completion.explain().hint()).isEmpty();
        assertThat(completion.explain().toString()).isEqualTo(completion.explain().line());
    }

    @Test
    void shouldLeadFlushedRequestsAndReceivesToTheFirstFailure() {
        pair.left.queuePair.postReceive(
                new ReceiveWorkRequest(9, List.of(pair.left.region.element())));
        List<WorkCompletion> completions = runAll(good(1), bad(2), good(3), good(4));
        assertThat(completions)
                .extracting(WorkCompletion::status)
                .containsExactly(
                        WorkCompletionStatus.SUCCESS,
                        WorkCompletionStatus.REM_ACCESS_ERR,
                        WorkCompletionStatus.WR_FLUSH_ERR,
                        WorkCompletionStatus.WR_FLUSH_ERR);
        Explanation first = pair.left.queuePair.firstError().orElseThrow();
        assertThat(completions.get(1).explain()).isEqualTo(first);
        for (WorkCompletion flushed : completions.subList(2, 4)) {
            assertThat(flushed.explain())
                    .isEqualTo(
                            first.behind(
                                    new Cause.RequestFlushed(
                                            pair.left.queuePair.number(),
                                            flushed.workRequestId(),
                                            WorkCompletionOpcode.RDMA_WRITE)));
        }
        CompletionCursor receives = pair.left.receives.cursor();
        assertThat(receives.next()).isTrue();
        assertThat(receives.explain().root()).isEqualTo(first.root());
        assertThat(receives.explain()).isEqualTo(receives.toWorkCompletion().explain());
    }

    /// What is flushed behind a later post, too.
    @Test
    void shouldTellThatItsProgramMovedAQueuePairToError() {
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        WorkCompletion flushed = runAll(good(1)).getFirst();
        assertThat(flushed.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(flushed.explain().root())
                .isEqualTo(
                        new Cause.MovedToError(pair.left.queuePair.number(), QueuePairState.RTS));
    }

    @Test
    void shouldKeepTheFirstErrorWhenTheProgramMovesTheQueuePairToErrorBehindIt() {
        assertThat(failLeft()).isEqualTo(QueuePairState.ERR);
        Explanation first = pair.left.queuePair.firstError().orElseThrow();
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        assertThat(pair.left.queuePair.firstError()).contains(first);
    }

    @Test
    void shouldForgetTheErrorWhenReset() {
        assertThat(failLeft()).isEqualTo(QueuePairState.ERR);
        pair.reconnect();
        assertThat(pair.left.queuePair.firstError()).isEmpty();
        assertThat(pair.right.queuePair.firstError()).isEmpty();
        assertThat(runAll(good(1)).getFirst().isSuccess()).isTrue();
    }

    @Test
    void shouldTellAKeyOfAnEarlierRegistrationFromOneOfNothing() {
        runAll(bad(1));
        assertThat(stateOfRefusedKey()).isEqualTo(KeyState.SUPERSEDED);
        pair.reconnect();
        runAll(write(1, pair.right.region.remoteKey() ^ 0x100));
        assertThat(stateOfRefusedKey()).isEqualTo(KeyState.UNKNOWN);
    }

    private KeyState stateOfRefusedKey() {
        Cause root = pair.right.queuePair.firstError().orElseThrow().root();
        assertThat(root).isInstanceOf(Cause.MemoryRefused.class);
        return ((Cause.MemoryRefused) root).facts().state();
    }

    @Test
    void shouldSayWhyARefusedMoveOfAFailedQueuePairIsRefused() {
        assertThat(failLeft()).isEqualTo(QueuePairState.ERR);
        VerbsException refused =
                catchThrowableOfType(
                        VerbsException.class,
                        () ->
                                pair.left.queuePair.modify(
                                        QueuePairAttributes.to(QueuePairState.RTS)));
        assertThat(refused.explain().effect()).isInstanceOf(VerbCause.VerbRefused.class);
        assertThat(refused.explain().root())
                .isEqualTo(pair.left.queuePair.firstError().orElseThrow().root());
    }

    @Test
    void shouldExplainTheRefusedRequestOfAList() {
        PostException refused =
                catchThrowableOfType(
                        PostException.class,
                        () -> pair.left.queuePair.postSendAll(List.of(inline(256), inline(257))));
        assertThat(refused.badIndex()).isEqualTo(1);
        assertThat(refused.explain().root())
                .isEqualTo(new VerbCause.LimitExceeded("maxInlineData", 257, 256));
    }

    private SendWorkRequest inline(int bytes) {
        return new SendWorkRequest.Send(
                1, List.of(pair.left.region.element(0, bytes)), EnumSet.of(SendFlag.INLINE));
    }

    @Test
    void shouldTellAPeerThatWentAwayFromOneThatWasNeverThere() {
        assertThat(runAll(good(1)).getFirst().isSuccess()).isTrue();
        pair.right.queuePair.close();
        pair.left.queuePair.postSend(good(2));
        for (int i = 0; i < 10; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
        assertThat(pair.left.pollSends().getFirst().explain().root())
                .isInstanceOfSatisfying(
                        Cause.RetriesExceeded.class,
                        it -> {
                            assertThat(it.everAnswered()).isTrue();
                            assertThat(it.retries()).isEqualTo(7);
                            assertThat(it.reason()).isEqualTo(RetryReason.TIMEOUT);
                            assertThat(it.hint()).contains("went away");
                        });
    }

    /// A reason that the API does not know cannot be told.
    @ParameterizedTest
    @EnumSource(AccessRefusal.class)
    void shouldHaveAReasonForEachRefusal(AccessRefusal refusal) {
        AccessResult result = AccessResult.valueOf(refusal.name());
        assertThat(result.refusal()).isEqualTo(refusal);
        assertThat(result.reason()).isEqualTo(refusal.reason());
        assertThat(AccessResult.values()).hasSize(AccessRefusal.values().length + 1);
    }
}
