package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.RNR_RETRY_EXC_ERR;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.WorkCompletion;

/// Rows RUT-SRQ and RUT-UD about threads: they post to one shared receive queue, have one each, or
/// make the ways of their datagrams themselves.
@Conformance
@RealClock
class SharedThreadTest {

    private static final int EACH = 20;
    private static final int WORD = 8;

    private static End receiver(Rig rig, Setup setup, SharedReceiveQueue queue) {
        return rig.right().end(setup, rig.right().domain(), queue);
    }

    @Test
    @Tag("RUT-SRQ-022")
    void shouldUseEachReceiveOnceThatThreadsPost(Rig rig) throws Exception {
        int most = 1024;
        SharedReceiveQueue queue = rig.right().sharedQueue(most);
        Setup setup = Setup.standard().withRequests(most).withRnrRetries(1);
        Pair pair = new Pair(rig.left().end(setup), receiver(rig, setup, queue));
        pair.connect();
        Buffer to = rig.right().buffer((long) most * WORD);
        AtomicInteger next = new AtomicInteger();
        List<Integer> posted =
                ThreadTest.inThreads(
                        () -> {
                            List<Integer> own = new ArrayList<>();
                            for (int i = 0; i < EACH; i++) {
                                int id = next.getAndIncrement();
                                queue.postReceive(
                                        new ReceiveWorkRequest(
                                                id, to.part((long) id * WORD, WORD)));
                                own.add(id);
                            }
                            return own;
                        });
        int count = posted.size();
        Buffer from = rig.left().buffer((count + 1L) * WORD);
        for (int i = 0; i <= count; i++) {
            from.word((long) i * WORD, i + 1);
            pair.left().post(SIGNALED.send(i, from.part((long) i * WORD, WORD)));
        }
        List<WorkCompletion> sent = pair.left().awaitSent(count + 1);
        assertThat(sent.subList(0, count)).allMatch(WorkCompletion::isSuccess);
        assertThat(sent.getLast().status()).isEqualTo(RNR_RETRY_EXC_ERR);
        List<WorkCompletion> received = pair.right().awaitReceived(count);
        assertThat(received).allMatch(WorkCompletion::isSuccess);
        assertThat(received.stream().map(it -> (int) it.workRequestId()))
                .containsExactlyInAnyOrderElementsOf(posted);
        for (int i = 0; i < count; i++) {
            assertThat(to.word(received.get(i).workRequestId() * WORD)).isEqualTo(i + 1);
        }
    }

    @Test
    @Tag("RUT-SRQ-024")
    void shouldServeThreadsWithAQueueEach(Rig rig) throws Exception {
        List<Integer> numbers = ThreadTest.inThreads(() -> sendOverMany(rig));
        assertThat(numbers).doesNotHaveDuplicates();
    }

    /// Sends over four connections that share a receive queue and a completion queue.
    ///
    /// @return the numbers of the receivers
    private static List<Integer> sendOverMany(Rig rig) {
        int width = 4;
        SharedReceiveQueue queue = rig.right().sharedQueue(width * EACH);
        CompletionQueue completions = rig.right().queue(width * EACH);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            End right = rig.right().end(Setup.standard(), rig.right().domain(), queue, completions);
            pairs.add(new Pair(rig.left().end(Setup.standard()), right));
            pairs.getLast().connect();
        }
        int count = width * EACH;
        Buffer from = rig.left().buffer((long) count * WORD);
        Buffer to = rig.right().buffer((long) count * WORD);
        for (int i = 0; i < count; i++) {
            queue.postReceive(new ReceiveWorkRequest(i, to.part((long) i * WORD, WORD)));
        }
        for (int i = 0; i < count; i++) {
            Pair pair = pairs.get(i % width);
            from.word((long) i * WORD, pair.right().number());
            pair.left().post(SIGNALED.send(i, from.part((long) i * WORD, WORD)));
        }
        for (Pair pair : pairs) {
            assertThat(pair.left().awaitSent(EACH)).allMatch(WorkCompletion::isSuccess);
        }
        List<WorkCompletion> received = pairs.getFirst().right().awaitReceived(count);
        for (WorkCompletion completion : received) {
            assertThat(completion.isSuccess()).isTrue();
            assertThat(to.word(completion.workRequestId() * WORD))
                    .isEqualTo(completion.queuePairNumber());
        }
        return pairs.stream().map(pair -> pair.right().number()).toList();
    }

    @Test
    @Tag("RUT-UD-015")
    void shouldSendByHandlesThatThreadsMakeAndEnd(Rig rig) throws Exception {
        int room = 1024;
        End receiver = Datagrams.open(rig.right(), Setup.standard().withRequests(room));
        Buffer to = rig.right().buffer(WORD + (long) Datagrams.HEADER);
        for (int i = 0; i < room; i++) {
            receiver.receive(i, to.all());
        }
        List<Integer> senders = ThreadTest.inThreads(() -> sendByNewHandles(rig, receiver));
        List<WorkCompletion> received = receiver.awaitReceived(senders.size());
        assertThat(received).allMatch(WorkCompletion::isSuccess);
        assertThat(received.stream().map(it -> it.source().orElseThrow().queuePairNumber()))
                .containsExactlyInAnyOrderElementsOf(senders);
    }

    /// Sends one datagram after the other, each by a handle that is closed before it has gone.
    ///
    /// @return the sender's number, once for each
    private static List<Integer> sendByNewHandles(Rig rig, End receiver) {
        GlobalIdentifier gid = rig.right().context().gidTable(1).getFirst().gid();
        End sender = Datagrams.open(rig.left());
        Buffer own = rig.left().buffer(WORD);
        List<Integer> sent = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            try (AddressHandle handle =
                    rig.left().domain().createAddressHandle(new AddressVector(gid, 0))) {
                sender.post(
                        Datagrams.send(
                                i,
                                new DatagramDestination(
                                        handle, receiver.number(), Datagrams.QUEUE_KEY),
                                own.all()));
            }
            assertThat(sender.awaitSent(1)).allMatch(WorkCompletion::isSuccess);
            sent.add(sender.number());
        }
        return sent;
    }
}
