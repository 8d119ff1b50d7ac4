package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Queues that are used for more than they hold, and buffers that are used too soon.
class QueueMistakesTest extends UlpPair {

    private static final int ID = 7;
    private static final int MOST_POSTS = 1_000_000;
    private static final int FEW_ENTRIES = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Override
    int entries() {
        return FEW_ENTRIES;
    }

    @BeforeEach
    void connectBoth() {
        connect();
    }

    private SendWorkRequest wholeRegion(long id, Set<SendFlag> flags) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(left.region.element()),
                right.region.address(),
                right.region.remoteKey(),
                flags);
    }

    @Test
    void shouldExplainUnsignaledOverflow() {
        VerbsException refused =
                catchThrowableOfType(
                        VerbsException.class,
                        () -> {
                            for (int i = 0; i < MOST_POSTS; i++) {
                                left.queuePair.postSend(wholeRegion(i, Set.of()));
                            }
                        });
        assertThat(refused.errno()).isEqualTo(Errno.ENOMEM);
        find(refused.errno(), refused.explain().root());
        assertThat(refused.explain().root())
                .isInstanceOfSatisfying(
                        VerbCause.SendQueueFull.class,
                        it -> {
                            assertThat(it.capacity()).isEqualTo(UlpEnd.REQUESTS);
                            assertThat(it.unsignaled()).isEqualTo(UlpEnd.REQUESTS);
                            assertThat(it.hint()).contains("signal");
                        });
    }

    @Test
    void shouldNotReportWithoutUnsignaledOverflow() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            for (int i = 1; i < UlpEnd.REQUESTS; i++) {
                left.queuePair.postSend(wholeRegion(i, Set.of()));
            }
            expectSuccess(run(wholeRegion(0, SIGNALED)));
        }
        expectNoReport();
    }

    @Test
    void shouldExplainCompletionQueueTooSmall() throws InterruptedException {
        for (int i = 0; i <= FEW_ENTRIES; i++) {
            left.queuePair.postSend(wholeRegion(i, SIGNALED));
        }
        AsyncEvent taken = left.context.awaitAsyncEvent(PATIENCE).orElseThrow();
        left.context.acknowledge(taken);
        AsyncEventType event = taken.type();
        assertThat(event).isEqualTo(AsyncEventType.CQ_ERR);
        find(event, firstErrorOf(left).root());
        assertThat(firstErrorOf(left).root())
                .isInstanceOfSatisfying(
                        Cause.CompletionQueueOverrun.class,
                        it -> assertThat(it.entries()).isEqualTo(FEW_ENTRIES));
    }

    @Test
    void shouldNotReportWithoutCompletionQueueTooSmall() throws InterruptedException {
        for (int i = 0; i < FEW_ENTRIES; i++) {
            left.queuePair.postSend(wholeRegion(i, SIGNALED));
        }
        for (int i = 0; i < FEW_ENTRIES; i++) {
            expectSuccess(completion(left));
        }
        expectNoReport();
    }

    private SendWorkRequest inline(int length) {
        return new SendWorkRequest.RdmaWrite(
                ID,
                List.of(left.region.element(0, length)),
                right.region.address(),
                right.region.remoteKey(),
                EnumSet.of(SendFlag.SIGNALED, SendFlag.INLINE));
    }

    @Test
    void shouldExplainInlineTooBig() {
        VerbsException refused =
                catchThrowableOfType(
                        VerbsException.class,
                        () -> left.queuePair.postSend(inline(UlpEnd.INLINE + 1)));
        find(refused.errno(), refused.explain().root());
        assertThat(refused.explain().root())
                .isEqualTo(
                        new VerbCause.LimitExceeded(
                                "maxInlineData", UlpEnd.INLINE + 1, UlpEnd.INLINE));
    }

    @Test
    void shouldNotReportWithoutInlineTooBig() throws InterruptedException {
        expectSuccess(run(inline(UlpEnd.INLINE)));
        expectNoReport();
    }

    private void overwrite() {
        left.region.segment().set(ValueLayout.JAVA_BYTE, 10, (byte) 0x5a);
    }

    @Test
    @Provokes(value = Finding.SEND_BUFFER_CHANGED, because = "that is the mistake")
    void shouldExplainBufferReusedBeforeCompletion() {
        left.queuePair.postSend(write(ID, left.region, right.region));
        overwrite();
        expectSuccess(completion(left));
        find(sanitizer().reports().getFirst().finding());
        assertThat(sanitizer().reports())
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.finding()).isEqualTo(Finding.SEND_BUFFER_CHANGED);
                            assertThat(it.address()).isEqualTo(left.region.address());
                            assertThat(it.length()).isEqualTo(100);
                            assertThat(it.detail()).contains("request " + ID);
                        });
        sanitizer().clear();
    }

    @Test
    void shouldNotReportWithoutBufferReusedBeforeCompletion() throws InterruptedException {
        expectSuccess(run(write(ID, left.region, right.region)));
        overwrite();
        expectNoReport();
    }

    /// The first error, not the storm behind it.
    @Test
    void shouldExplainFlushedRequestsByTheFirstFailure() {
        WorkCompletion first =
                run(write(1, left.region.element(0, 100), 0, right.region.remoteKey()));
        left.queuePair.postSend(wholeRegion(2, SIGNALED));
        WorkCompletion flushed = completion(left);
        assertThat(flushed.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(flushed.explain().effect())
                .isInstanceOfSatisfying(
                        Cause.RequestFlushed.class, it -> assertThat(it.id()).isEqualTo(2));
        assertThat(flushed.explain().causes())
                .endsWith(first.explain().causes().toArray(Cause[]::new));
        assertThat(left.queuePair.firstError()).contains(first.explain());
    }
}
