package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInfo;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Two ends on the loopback interface. What a wrong program brings about is looked at by its test;
/// a right one ends with [#expectNoReport()].
abstract class UlpPair {

    static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    static final int LEFT_PSN = 0x1000;
    static final int RIGHT_PSN = 0x2000;

    private static final String LEFT = "127.0.0.141";
    private static final String RIGHT = "127.0.0.142";
    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

    /// What a program does otherwise when it connects.
    interface Change {
        void to(boolean isLeft, QueuePairState state, QueuePairAttributes.Builder attributes);
    }

    private List<String> found = List.of();

    final UlpEnd left = new UlpEnd(LEFT, entries());
    final UlpEnd right = new UlpEnd(RIGHT, UlpEnd.REQUESTS * 2);

    /// Entries of the left completion queue.
    int entries() {
        return UlpEnd.REQUESTS * 2;
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    /// A test with the name of a mistake has compared what it found with what is said of it.
    @AfterEach
    void requireFacts(TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName();
        for (Mistake mistake : Mistake.values()) {
            if (name.equals("shouldExplain" + mistake.camelCase())) {
                assertThat(found).isEqualTo(mistake.facts());
            }
        }
    }

    /// What a wrong program found, in the order of [Mistake#facts()].
    void find(Object... facts) {
        found = Mistake.names(facts);
    }

    void connect() {
        connect((isLeft, state, attributes) -> {});
    }

    void connect(Change change) {
        left.queuePair.modify(QueuePairAttributes.toInit(UlpEnd.ALL_ACCESS));
        right.queuePair.modify(QueuePairAttributes.toInit(UlpEnd.ALL_ACCESS));
        readyToReceive(left, right, RIGHT_PSN, change);
        readyToReceive(right, left, LEFT_PSN, change);
        readyToSend(left, LEFT_PSN, change);
        readyToSend(right, RIGHT_PSN, change);
    }

    private void readyToReceive(UlpEnd end, UlpEnd peer, int psn, Change change) {
        QueuePairAttributes.Builder attributes =
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(new AddressVector(peer.gid(), 0))
                        .destinationQueuePairNumber(peer.queuePair.number())
                        .receivePacketSequenceNumber(psn)
                        .pathMtu(Mtu.MTU_1024)
                        .maxDestinationReadAtomic(4)
                        .minRnrTimer(1);
        change.to(end.equals(left), QueuePairState.RTR, attributes);
        end.queuePair.modify(attributes.build());
    }

    /// Patient enough for a busy machine.
    private void readyToSend(UlpEnd end, int psn, Change change) {
        QueuePairAttributes.Builder attributes =
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(psn)
                        .timeout(14)
                        .retryCount(7)
                        .rnrRetry(3)
                        .maxReadAtomic(4);
        change.to(end.equals(left), QueuePairState.RTS, attributes);
        end.queuePair.modify(attributes.build());
    }

    SendWorkRequest send(long id, Sge element) {
        return new SendWorkRequest.Send(id, List.of(element), SIGNALED);
    }

    SendWorkRequest write(long id, Sge element, long address, int key) {
        return new SendWorkRequest.RdmaWrite(id, List.of(element), address, key, SIGNALED);
    }

    SendWorkRequest write(long id, MemoryRegion from, MemoryRegion to) {
        return write(id, from.element(0, 100), to.address(), to.remoteKey());
    }

    /// Posts a request on the left and waits for its end.
    WorkCompletion run(SendWorkRequest request) {
        left.queuePair.postSend(request);
        return completion(left);
    }

    /// The next completion of an end; a device that nobody polls goes on by its own thread.
    WorkCompletion completion(UlpEnd end) {
        List<WorkCompletion> done = new ArrayList<>();
        await(() -> done.addAll(end.queue.poll(1)));
        return done.getFirst();
    }

    /// Waits for something that comes about while both ends go on.
    void await(BooleanSupplier isSo) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("patience").isNegative();
            Thread.onSpinWait();
        }
    }

    Explanation firstErrorOf(UlpEnd end) {
        await(() -> end.queuePair.firstError().isPresent());
        return end.queuePair.firstError().orElseThrow();
    }

    Sanitizer sanitizer() {
        return left.context.sanitizer().orElseThrow();
    }

    void expectSuccess(WorkCompletion completion) {
        assertThat(completion.status())
                .as("%s", completion.explain())
                .isEqualTo(WorkCompletionStatus.SUCCESS);
    }

    void expectNoReport() throws InterruptedException {
        for (UlpEnd end : List.of(left, right)) {
            await(() -> end.queuePair.waitsFor().isEmpty());
            assertThat(end.queuePair.firstError()).isEmpty();
            assertThat(end.context.sanitizer().orElseThrow().reports()).isEmpty();
            // The first look already tells of one that counts from a wrong time.
            assertThat(end.stuck()).isZero();
            assertThat(end.context.awaitAsyncEvent(Duration.ZERO)).isEmpty();
        }
    }
}
