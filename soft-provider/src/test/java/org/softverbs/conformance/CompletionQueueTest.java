package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Rows RUT-CQ and RUT-CQX. Each completion queue has a cursor, which is what an extended queue is
/// about.
@Conformance
class CompletionQueueTest {

    private static final int MESSAGES = 16;
    private static final int PAIRS = 8;
    private static final String OVERRUN =
            "for devices that go on with a full queue: ours holds what fits, and its queue pairs"
                    + " end in ERR";

    @Test
    @Tag("RUT-CQ-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(Rig rig) {
        CompletionQueue gone = rig.left().queue(8);
        gone.close();
        CompletionQueue younger = rig.left().queue(8);
        gone.close();
        assertThat(younger.poll(1)).isEmpty();
        Expect.closed(() -> gone.poll(1));
    }

    @Test
    @Tag("RUT-CQX-004")
    void shouldHoldAsManyEntriesAsTheDeviceSays(Rig rig) {
        int most = rig.left().context().queryDevice().maxCompletionQueueEntries();
        assertThat(rig.left().queue(most).entries()).isGreaterThanOrEqualTo(most);
        Expect.refused(Errno.EINVAL, () -> rig.left().queue(most + 1));
        Expect.refused(Errno.EINVAL, () -> rig.left().queue(0));
    }

    @Test
    @Tag("PYV-CQ-001")
    void shouldBeOfEachSizeOnEachVector(Rig rig) {
        int most = rig.left().context().queryDevice().maxCompletionQueueEntries();
        int vectors = rig.left().context().queryExtendedDevice().completionVectors();
        for (int vector = 0; vector < vectors; vector++) {
            for (int entries : new int[] {1, most / 2}) {
                CompletionQueue queue = rig.left().queue(entriesOn(entries, vector));
                assertThat(queue.entries()).isGreaterThanOrEqualTo(entries);
                assertThat(queue.vector()).isEqualTo(vector);
                queue.close();
            }
        }
        assertThat(rig.left().queue(entriesOn(most, vectors - 1)).entries())
                .isGreaterThanOrEqualTo(most);
    }

    @Test
    @Tag("PYV-CQ-002")
    void shouldBeOnEachVectorWithAChannel(Rig rig) {
        int vectors = rig.left().context().queryExtendedDevice().completionVectors();
        for (int vector = 0; vector < vectors; vector++) {
            CompletionChannel channel = rig.left().channel();
            CompletionQueue queue = rig.left().queue(entriesOn(64, vector).withChannel(channel));
            Expect.refused(Errno.EBUSY, channel::close);
            queue.requestNotification(false);
            queue.close();
            channel.close();
        }
    }

    @Test
    @Tag("PYV-CQ-003")
    @Tag("PYV-CQEX-005")
    @Tag("RUT-CQ-008")
    @Tag("RUT-CQX-009")
    void shouldNotBeMadeOfASizeOrOnAVectorThatIsNotThere(Rig rig) {
        int most = rig.left().context().queryDevice().maxCompletionQueueEntries();
        int vectors = rig.left().context().queryExtendedDevice().completionVectors();
        Expect.refused(Errno.EINVAL, () -> rig.left().queue(entriesOn(most + 1, 0)));
        for (int vector : new int[] {-1, vectors, Integer.MAX_VALUE}) {
            Expect.refused(Errno.EINVAL, () -> rig.left().queue(entriesOn(64, vector)));
        }
    }

    private static CompletionQueueOptions entriesOn(int entries, int vector) {
        return CompletionQueueOptions.of(entries).withVector(vector);
    }

    @Test
    @Tag("PYV-CQ-004")
    void shouldBeResizedDownToWhatIsInIt(Rig rig) {
        Pair pair = rig.connect();
        CompletionQueue queue = pair.right().receives();
        for (int entries : new int[] {1, 7, 300, 4, 64}) {
            queue.resize(entries);
            assertThat(queue.entries()).isGreaterThanOrEqualTo(entries);
        }
        Buffer to = rig.right().buffer(8);
        for (int i = 0; i < 5; i++) {
            pair.right().receive(i, to.all());
            pair.left().post(SIGNALED.send(i, rig.left().buffer(8).all()));
        }
        rig.rest();
        Expect.refused(Errno.EINVAL, () -> queue.resize(4));
        queue.resize(5);
        assertThat(queue.poll(10))
                .extracting(WorkCompletion::workRequestId)
                .containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    /// Connections that share a queue at one end.
    private static List<Pair> shared(Rig rig, boolean ofSends, CompletionQueue queue) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            Setup setup = Setup.standard();
            End left =
                    ofSends
                            ? rig.left()
                                    .end(setup, rig.left().domain(), queue, rig.left().queue(64))
                            : rig.left().end(setup);
            End right =
                    ofSends
                            ? rig.right().end(setup)
                            : rig.right()
                                    .end(setup, rig.right().domain(), rig.right().queue(64), queue);
            Pair pair = new Pair(left, right);
            pair.connect();
            pairs.add(pair);
        }
        return pairs;
    }

    private static void exchange(Rig rig, List<Pair> pairs) {
        Buffer own = rig.left().buffer(8);
        Buffer to = rig.right().buffer(8);
        for (int i = 0; i < MESSAGES; i++) {
            for (Pair pair : pairs) {
                pair.right().receive(i, to.all());
                pair.left().post(SIGNALED.send(i, own.all()));
            }
        }
        rig.rest();
    }

    private static void shouldKeepTheOrderOfEach(List<Integer> numbers, CompletionQueue queue) {
        List<WorkCompletion> done = queue.poll(10_000);
        assertThat(done).hasSize(PAIRS * MESSAGES).allMatch(WorkCompletion::isSuccess);
        for (int number : numbers) {
            assertThat(done)
                    .filteredOn(it -> it.queuePairNumber() == number)
                    .extracting(WorkCompletion::workRequestId)
                    .hasSize(MESSAGES)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    @Tag("RUT-CQ-012")
    void shouldKeepTheOrderOfManySenders(Rig rig) {
        CompletionQueue queue = rig.left().queue(PAIRS * MESSAGES);
        List<Pair> pairs = shared(rig, true, queue);
        exchange(rig, pairs);
        shouldKeepTheOrderOfEach(pairs.stream().map(it -> it.left().number()).toList(), queue);
    }

    @Test
    @Tag("RUT-CQ-013")
    void shouldKeepTheOrderOfManyReceivers(Rig rig) {
        CompletionQueue queue = rig.right().queue(PAIRS * MESSAGES);
        List<Pair> pairs = shared(rig, false, queue);
        exchange(rig, pairs);
        shouldKeepTheOrderOfEach(pairs.stream().map(it -> it.right().number()).toList(), queue);
    }

    @Test
    @Tag("RUT-CQX-011")
    void shouldTellByTheCursorOfOneReceive(Rig rig) {
        Pair pair = rig.connect();
        CompletionCursor cursor = pair.right().receives().cursor();
        assertThat(cursor.next()).isFalse();
        pair.right().receive(7, rig.right().buffer(64).all());
        assertThat(pair.left().run(SIGNALED.send(1, rig.left().buffer(64).all())))
                .isEqualTo(SUCCESS);
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.status()).isEqualTo(SUCCESS);
        assertThat(cursor.workRequestId()).isEqualTo(7);
        assertThat(cursor.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(cursor.queuePairNumber()).isEqualTo(pair.right().number());
        assertThat(cursor.byteLength()).isEqualTo(64);
        assertThat(cursor.next()).isFalse();
    }

    @Test
    @Tag("RUT-CQX-013")
    void shouldTellByTheCursorOfManyReceives(Rig rig) {
        Pair pair = rig.connect();
        exchange(rig, List.of(pair));
        CompletionCursor cursor = pair.right().receives().cursor();
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.status()).isEqualTo(SUCCESS);
            assertThat(cursor.workRequestId()).isEqualTo(i);
        }
        assertThat(cursor.next()).isFalse();
    }

    /// What came into a queue that overran: as many as it holds, and one event.
    private static void shouldHoldWhatFits(Node node, CompletionQueue queue, boolean byCursor) {
        int held = 0;
        if (byCursor) {
            CompletionCursor cursor = queue.cursor();
            while (cursor.next()) {
                assertThat(cursor.status()).isEqualTo(SUCCESS);
                held++;
            }
        } else {
            List<WorkCompletion> done = queue.poll(10_000);
            assertThat(done).allMatch(WorkCompletion::isSuccess);
            held = done.size();
        }
        assertThat(held).isEqualTo(queue.entries());
        assertThat(queue.poll(1)).isEmpty();
        assertThat(node.events())
                .extracting(AsyncEvent::type)
                .containsExactly(AsyncEventType.CQ_ERR);
    }

    private static void shouldOverrun(Rig rig, boolean ofSends, int senders, boolean byCursor) {
        Node node = ofSends ? rig.left() : rig.right();
        CompletionQueue queue = node.queue(MESSAGES);
        List<Pair> shared = shared(rig, ofSends, queue);
        List<Pair> pairs = shared.subList(0, senders);
        int each = queue.entries() / senders + 2;
        Buffer own = rig.left().buffer(8).fill(1);
        List<Buffer> landed = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            for (Pair pair : pairs) {
                Buffer to = rig.right().buffer(8);
                pair.right().receive(i, to.all());
                pair.left().post(SIGNALED.send(i, own.all()));
                landed.add(to);
            }
        }
        rig.rest();
        shouldHoldWhatFits(node, queue, byCursor);
        assertThat(shared)
                .map(pair -> ofSends ? pair.left().state() : pair.right().state())
                .containsOnly(QueuePairState.ERR);
        assertThat(landed)
                .filteredOn(to -> to.equalsBytes(own))
                .hasSizeGreaterThanOrEqualTo(queue.entries());
    }

    @Test
    @Tag("RUT-CQ-014")
    @Decision(OVERRUN)
    void shouldHoldWhatFitsOfTheSendsOfOne(Rig rig) {
        shouldOverrun(rig, true, 1, false);
    }

    @Test
    @Tag("RUT-CQ-015")
    @Decision(OVERRUN)
    void shouldHoldWhatFitsOfTheSendsOfMany(Rig rig) {
        shouldOverrun(rig, true, PAIRS, false);
    }

    @Test
    @Tag("RUT-CQ-016")
    @Decision(OVERRUN)
    void shouldHoldWhatFitsOfTheReceivesOfOne(Rig rig) {
        shouldOverrun(rig, false, 1, false);
    }

    @Test
    @Tag("RUT-CQ-017")
    @Decision(OVERRUN)
    void shouldHoldWhatFitsOfTheReceivesOfMany(Rig rig) {
        shouldOverrun(rig, false, PAIRS, false);
    }

    @Test
    @Tag("RUT-CQX-014")
    @Decision(OVERRUN)
    void shouldTellByTheCursorWhatFitsOfSends(Rig rig) {
        shouldOverrun(rig, true, 1, true);
    }

    @Test
    @Tag("RUT-CQX-015")
    @Decision(OVERRUN)
    void shouldTellByTheCursorWhatFitsOfReceives(Rig rig) {
        shouldOverrun(rig, false, 1, true);
    }
}
