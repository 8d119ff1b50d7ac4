package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// Ends in the wrong order, or before something is done.
class TeardownMistakesTest extends UlpPair {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private QueuePair newQueuePair(ProtectionDomain domain, CompletionQueue queue) {
        return domain.createQueuePair(
                QueuePairOptions.reliableConnection(queue, QueuePairCapabilities.small()));
    }

    @Test
    void shouldExplainWrongTeardownOrder() {
        ProtectionDomain domain = left.context.allocateProtectionDomain();
        CompletionQueue queue = left.context.createCompletionQueue(1);
        QueuePair queuePair = newQueuePair(domain, queue);
        VerbsException refused = catchThrowableOfType(VerbsException.class, domain::close);
        assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
        find(refused.errno(), refused.explain().root());
        assertThat(refused.explain().root())
                .isInstanceOfSatisfying(
                        VerbCause.StillInUse.class,
                        it -> {
                            assertThat(it.what()).isEqualTo(domain.toString());
                            assertThat(it.users()).containsExactly(queuePair.toString());
                        });
        queuePair.close();
        queue.close();
        domain.close();
    }

    @Test
    void shouldNotReportWithoutWrongTeardownOrder() throws InterruptedException {
        try (ProtectionDomain domain = left.context.allocateProtectionDomain();
                CompletionQueue queue = left.context.createCompletionQueue(1);
                QueuePair queuePair = newQueuePair(domain, queue)) {
            assertThat(queuePair.state()).isEqualTo(QueuePairState.RESET);
        }
        expectNoReport();
    }

    private void takeEvent(CompletionChannel channel, CompletionQueue queue)
            throws InterruptedException {
        queue.requestNotification(false);
        try (QueuePair queuePair = newQueuePair(left.domain, queue)) {
            queuePair.modify(QueuePairAttributes.toInit(UlpEnd.ALL_ACCESS));
            queuePair.postReceive(new ReceiveWorkRequest(1, List.of(left.region.element())));
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
            assertThat(channel.awaitEvent(PATIENCE)).containsSame(queue);
        }
    }

    @Test
    void shouldExplainEventsNotAcknowledged() throws InterruptedException {
        CompletionChannel channel = left.context.createCompletionChannel();
        CompletionQueue queue = left.context.createCompletionQueue(1, channel);
        takeEvent(channel, queue);
        VerbsException refused = catchThrowableOfType(VerbsException.class, queue::close);
        assertThat(refused.errno()).isEqualTo(Errno.EBUSY);
        find(refused.errno(), refused.explain().root());
        assertThat(refused.explain().root())
                .isEqualTo(new VerbCause.EventsNotAcknowledged(queue.toString(), 1));
        queue.acknowledgeEvents(1);
        queue.close();
        channel.close();
    }

    @Test
    void shouldNotReportWithoutEventsNotAcknowledged() throws InterruptedException {
        try (CompletionChannel channel = left.context.createCompletionChannel();
                CompletionQueue queue = left.context.createCompletionQueue(1, channel)) {
            takeEvent(channel, queue);
            queue.acknowledgeEvents(1);
        }
        expectNoReport();
    }

    @Test
    void shouldExplainUseAfterDestroy() {
        CompletionQueue queue = left.context.createCompletionQueue(1);
        QueuePair queuePair = newQueuePair(left.domain, queue);
        queuePair.close();
        IllegalStateException refused =
                catchThrowableOfType(IllegalStateException.class, queuePair::query);
        find(refused);
        assertThat(refused)
                .hasMessageContainingAll(
                        queuePair.toString(),
                        "is closed",
                        getClass().getName() + ".shouldExplainUseAfterDestroy");
        queuePair.close();
        queue.close();
    }

    @Test
    void shouldNotReportWithoutUseAfterDestroy() throws InterruptedException {
        CompletionQueue queue = left.context.createCompletionQueue(1);
        QueuePair queuePair = newQueuePair(left.domain, queue);
        assertThat(queuePair.query().state()).isEqualTo(QueuePairState.RESET);
        queuePair.close();
        queue.close();
        expectNoReport();
    }
}
