package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.RNR_RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletion;

/// Rows RUT-SRQ and PYV-SRQ: making shared receive queues, posting to them, receiving from them.
@Conformance
class SharedQueueTest {

    private static final Setup SETUP = Setup.standard();
    private static final int ROOM = 16;
    private static final int LENGTH = 64;

    /// A connection whose receives at the right come from a shared queue.
    private static Pair connect(Rig rig, Setup setup, SharedReceiveQueue queue) {
        Pair pair =
                new Pair(
                        rig.left().end(setup), rig.right().end(setup, rig.right().domain(), queue));
        pair.connect();
        return pair;
    }

    private static void post(SharedReceiveQueue queue, Buffer into, int count) {
        for (int i = 0; i < count; i++) {
            queue.postReceive(new ReceiveWorkRequest(i, into.part((long) i * LENGTH, LENGTH)));
        }
    }

    @Test
    @Tag("RUT-SRQ-001")
    void shouldBeMadeAndGivenBack(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        SharedReceiveQueue queue =
                domain.createSharedReceiveQueue(new SharedReceiveQueueOptions(ROOM, 2, 3));
        assertThat(queue.protectionDomain()).isSameAs(domain);
        assertThat(queue.query().maxRequests()).isGreaterThanOrEqualTo(ROOM);
        assertThat(queue.query().maxSge()).isGreaterThanOrEqualTo(2);
        assertThat(queue.query().limit()).isEqualTo(3);
        queue.close();
        domain.close();
    }

    @Test
    @Tag("RUT-SRQ-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        SharedReceiveQueue gone = rig.left().sharedQueue(domain, ROOM);
        gone.close();
        SharedReceiveQueue younger = rig.left().sharedQueue(domain, ROOM);
        gone.close();
        Expect.refused(Errno.EBUSY, domain::close);
        younger.close();
        domain.close();
    }

    @Test
    @Tag("RUT-SRQ-004")
    void shouldBeThatOfItsQueuePair(Rig rig) {
        SharedReceiveQueue queue = rig.left().sharedQueue(ROOM);
        End end = rig.left().end(SETUP, rig.left().domain(), queue);
        assertThat(end.queuePair().sharedReceiveQueue()).containsSame(queue);
        assertThat(rig.left().end(SETUP).queuePair().sharedReceiveQueue()).isEmpty();
    }

    @Test
    @Tag("RUT-SRQ-005")
    void shouldTakeReceivesInThePlaceOfItsQueuePair(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP.withRnrRetries(1), queue);
        Buffer to = rig.right().buffer(LENGTH);
        Expect.refused(Errno.EINVAL, () -> pair.right().receive(1, to.all()));
        assertThat(pair.left().run(SIGNALED.send(1, rig.left().buffer(8).all())))
                .isEqualTo(RNR_RETRY_EXC_ERR);
    }

    @Test
    @Tag("RUT-SRQ-006")
    void shouldTakeAsManyReceivesAsItHolds(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        int most = queue.query().maxRequests();
        Buffer to = rig.right().buffer((long) most * LENGTH);
        post(queue, to, most);
        Expect.refused(
                Errno.ENOMEM, () -> queue.postReceive(new ReceiveWorkRequest(most, to.all())));
    }

    private static List<Sge> elements(Rig rig, int count) {
        return Collections.nCopies(count, rig.right().buffer(8).all());
    }

    @Test
    @Tag("RUT-SRQ-008")
    void shouldTakeReceivesOfAsManyElementsAsItHolds(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        int most = queue.query().maxSge();
        Pair pair = connect(rig, SETUP, queue);
        queue.postReceive(new ReceiveWorkRequest(1, elements(rig, most)));
        Buffer own = rig.left().buffer(8L * most);
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-SRQ-009")
    void shouldRefuseAReceiveOfMoreElements(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        int most = queue.query().maxSge();
        List<ReceiveWorkRequest> list =
                List.of(
                        new ReceiveWorkRequest(1, elements(rig, most)),
                        new ReceiveWorkRequest(2, elements(rig, most + 1)),
                        new ReceiveWorkRequest(3, elements(rig, most)));
        shouldRefuse(queue, list, Errno.EINVAL, 1);
    }

    private static void shouldRefuse(
            SharedReceiveQueue queue, List<ReceiveWorkRequest> list, Errno errno, int badIndex) {
        assertThatThrownBy(() -> queue.postReceive(list))
                .isInstanceOfSatisfying(
                        PostException.class,
                        refused -> {
                            assertThat(refused.errno()).isEqualTo(errno);
                            assertThat(refused.badIndex()).isEqualTo(badIndex);
                        });
    }

    private static SharedReceiveQueueOptions most(DeviceAttributes device) {
        return new SharedReceiveQueueOptions(device.maxQueuePairRequests(), device.maxSge(), 0);
    }

    @Test
    @Tag("RUT-SRQ-010")
    void shouldHoldAsMuchAsTheDeviceSays(Rig rig) {
        SharedReceiveQueueOptions most = most(rig.left().context().queryDevice());
        SharedReceiveQueue queue =
                rig.left().keep(rig.left().domain().createSharedReceiveQueue(most));
        assertThat(queue.query()).isEqualTo(most);
    }

    @Test
    @Tag("RUT-SRQ-011")
    void shouldNotHoldMoreThanTheDeviceSays(Rig rig) {
        SharedReceiveQueueOptions most = most(rig.left().context().queryDevice());
        SharedReceiveQueueOptions more =
                new SharedReceiveQueueOptions(most.maxRequests() + 1, most.maxSge(), 0);
        Expect.refused(Errno.EINVAL, () -> rig.left().domain().createSharedReceiveQueue(more));
    }

    @Test
    @Tag("RUT-SRQ-013")
    @Tag("PYV-SRQ-002")
    void shouldTakeMoreReceivesWhenItWasResized(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        int first = queue.query().maxRequests();
        Buffer to = rig.right().buffer((long) first * LENGTH);
        post(queue, to, first);
        int more = 2 * first + 1;
        queue.resize(more);
        assertThat(queue.query().maxRequests()).isGreaterThanOrEqualTo(more);
        for (int i = first; i < more; i++) {
            queue.postReceive(new ReceiveWorkRequest(i, to.part(0, LENGTH)));
        }
        Pair pair = connect(rig, SETUP, queue);
        Buffer own = rig.left().buffer(8);
        for (int i = 0; i < more; i++) {
            assertThat(pair.left().run(SIGNALED.send(i, own.all()))).isEqualTo(SUCCESS);
        }
        assertThat(pair.right().received())
                .hasSize(more)
                .extracting(WorkCompletion::workRequestId)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    /// A list that never ends stands for a request that is linked to itself.
    @Test
    @Tag("RUT-SRQ-014")
    @Decision("a list without end stands for the request that is linked to itself")
    void shouldRefuseAListWithoutEndWhenItIsFull(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        int most = queue.query().maxRequests();
        ReceiveWorkRequest request = new ReceiveWorkRequest(1, rig.right().buffer(LENGTH).all());
        shouldRefuse(queue, Collections.nCopies(Integer.MAX_VALUE, request), Errno.ENOMEM, most);
    }

    @Test
    @Tag("RUT-SRQ-015")
    void shouldGiveAReceiveToASend(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP, queue);
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(LENGTH);
        queue.postReceive(new ReceiveWorkRequest(7, to.all()));
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        List<WorkCompletion> received = pair.right().received();
        assertThat(received).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(received.getFirst().workRequestId()).isEqualTo(7);
        assertThat(received.getFirst().queuePairNumber()).isEqualTo(pair.right().number());
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-SRQ-016")
    @Tag("PYV-SRQ-001")
    void shouldServeALongSequenceOneByOne(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP, queue);
        Buffer own = rig.left().buffer(8);
        Buffer to = rig.right().buffer(8);
        for (int i = 1; i <= 300; i++) {
            queue.postReceive(new ReceiveWorkRequest(i, to.all()));
            own.word(0, i);
            assertThat(pair.left().run(SIGNALED.send(i, own.all()))).isEqualTo(SUCCESS);
            List<WorkCompletion> received = pair.right().received();
            assertThat(received).hasSize(1).allMatch(WorkCompletion::isSuccess);
            assertThat(received.getFirst().workRequestId()).isEqualTo(i);
            assertThat(to.word(0)).isEqualTo(i);
        }
    }

    @Test
    @Tag("RUT-SRQ-017")
    void shouldKeepItsReceivesWhenAQueuePairIsFlushed(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair flushed = connect(rig, SETUP, queue);
        Pair other = connect(rig, SETUP, queue);
        post(queue, rig.right().buffer(ROOM * LENGTH), ROOM);
        flushed.right().move(QueuePairState.ERR);
        assertThat(flushed.right().received()).isEmpty();
        Buffer own = rig.left().buffer(8);
        for (int i = 0; i < ROOM; i++) {
            assertThat(other.left().run(SIGNALED.send(i, own.all()))).isEqualTo(SUCCESS);
        }
        assertThat(other.right().receivedStatuses()).hasSize(ROOM).containsOnly(SUCCESS);
    }

    @Test
    @Tag("RUT-SRQ-018")
    void shouldTellOnceThatFewerThanItsLimitAreLeft(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP, queue);
        post(queue, rig.right().buffer(ROOM * LENGTH), ROOM);
        int limit = ROOM - 2;
        queue.setLimit(limit);
        Buffer own = rig.left().buffer(8);
        for (int left = ROOM - 1; left >= limit; left--) {
            assertThat(pair.left().run(SIGNALED.send(left, own.all()))).isEqualTo(SUCCESS);
            assertThat(rig.right().events()).isEmpty();
        }
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        expectLimitReached(rig, queue);
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(rig.right().events()).isEmpty();
    }

    private static void expectLimitReached(Rig rig, SharedReceiveQueue queue) {
        List<AsyncEvent> events = rig.right().events();
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().type()).isEqualTo(AsyncEventType.SRQ_LIMIT_REACHED);
        assertThat(events.getFirst().element()).isEqualTo(queue.number());
    }

    @Test
    @Tag("PYV-SRQ-003")
    void shouldTellThatFourOfTenAreGone(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP, queue);
        post(queue, rig.right().buffer(ROOM * LENGTH), 10);
        queue.setLimit(7);
        Buffer own = rig.left().buffer(8);
        for (int i = 0; i < 4; i++) {
            assertThat(pair.left().run(SIGNALED.send(i, own.all()))).isEqualTo(SUCCESS);
        }
        expectLimitReached(rig, queue);
    }

    @Test
    @Tag("RUT-SRQ-019")
    void shouldFailASendWhenItIsEmpty(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        Pair pair = connect(rig, SETUP.withRnrRetries(1), queue);
        assertThat(pair.left().run(SIGNALED.send(1, rig.left().buffer(8).all())))
                .isEqualTo(RNR_RETRY_EXC_ERR);
        assertThat(pair.right().received()).isEmpty();
    }

    @Test
    @Tag("RUT-SRQ-020")
    void shouldGiveEachSendOneReceiveWhicheverQueuePairItComesTo(Rig rig) {
        SharedReceiveQueue queue = rig.right().sharedQueue(ROOM);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < ROOM / 2; i++) {
            pairs.add(connect(rig, SETUP, queue));
        }
        Buffer own = rig.left().buffer(8L * pairs.size());
        Buffer to = rig.right().buffer(ROOM * LENGTH);
        post(queue, to, ROOM);
        for (int i = 0; i < ROOM; i++) {
            int of = i % pairs.size();
            own.word(8L * of, of);
            pairs.get(of).left().post(SIGNALED.send(i, own.part(8L * of, 8)));
        }
        List<Long> taken = new ArrayList<>();
        for (int of = 0; of < pairs.size(); of++) {
            assertThat(pairs.get(of).left().sentStatuses()).containsExactly(SUCCESS, SUCCESS);
            List<WorkCompletion> received = pairs.get(of).right().received();
            assertThat(received).hasSize(2).allMatch(WorkCompletion::isSuccess);
            for (WorkCompletion completion : received) {
                assertThat(completion.queuePairNumber()).isEqualTo(pairs.get(of).right().number());
                assertThat(to.word(completion.workRequestId() * LENGTH)).isEqualTo(of);
                taken.add(completion.workRequestId());
            }
        }
        assertThat(taken).hasSize(ROOM).doesNotHaveDuplicates();
    }
}
