package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.WorkCompletion;

/// Rows RUT-PD about shared receive queues of other domains than the queue pairs that use them.
@Conformance
class SharedQueueDomainTest {

    @Test
    @Tag("RUT-PD-010")
    void shouldStayOpenForASharedReceiveQueue(Rig rig) {
        PrivilegedDomain domain = rig.left().newDomain();
        SharedReceiveQueue queue = rig.left().sharedQueue(domain, 4);
        Expect.refused(Errno.EBUSY, domain::close);
        queue.close();
        domain.close();
    }

    @Test
    @Tag("RUT-PD-029")
    void shouldServeAQueuePairOfAnotherDomain(Rig rig) {
        PrivilegedDomain other = rig.left().newDomain();
        SharedReceiveQueue queue = rig.left().sharedQueue(other, 4);
        End end = rig.left().end(Setup.standard(), rig.left().domain(), queue);
        assertThat(end.queuePair().protectionDomain()).isSameAs(rig.left().domain());
        assertThat(end.queuePair().sharedReceiveQueue()).containsSame(queue);
        assertThat(queue.protectionDomain()).isSameAs(other);
    }

    /// Queue pairs of the standard domains, the right one with a shared queue of another.
    private static Pair connect(Rig rig, SharedReceiveQueue queue) {
        Pair pair =
                new Pair(
                        rig.left().end(Setup.standard()),
                        rig.right().end(Setup.standard(), rig.right().domain(), queue));
        pair.connect();
        return pair;
    }

    @Test
    @Tag("RUT-PD-030")
    void shouldReceiveIntoARegionOfTheQueuesDomain(Rig rig) {
        PrivilegedDomain other = rig.right().newDomain();
        SharedReceiveQueue queue = rig.right().sharedQueue(other, 4);
        Pair pair = connect(rig, queue);
        Buffer to = rig.right().buffer(other, 64, Node.ALL);
        Buffer own = rig.left().buffer(64).fill(1);
        queue.postReceive(new ReceiveWorkRequest(1, to.all()));
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-PD-032")
    void shouldBeWrittenToWithAReceiveOfAnotherDomain(Rig rig) {
        PrivilegedDomain other = rig.right().newDomain();
        SharedReceiveQueue queue = rig.right().sharedQueue(other, 4);
        Pair pair = connect(rig, queue);
        Buffer ofReceive = rig.right().buffer(other, 64, Node.ALL);
        Buffer to = rig.right().buffer(64);
        Buffer own = rig.left().buffer(64).fill(1);
        queue.postReceive(new ReceiveWorkRequest(1, ofReceive.all()));
        assertThat(
                        pair.left()
                                .run(
                                        SIGNALED.writeWithImmediate(
                                                1, own.all(), to.address(), to.key(), 77)))
                .isEqualTo(SUCCESS);
        List<WorkCompletion> received = pair.right().received();
        assertThat(received).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(received.getFirst().immediate()).hasValue(77);
        assertThat(to.equalsBytes(own)).isTrue();
        assertThat(ofReceive.copy()).containsOnly(0);
    }
}
