package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.ThreadDomain;

/// Rows PYV-PARENTDOMAIN and PYV-RELAXEDORDERING.
@Conformance
class ParentDomainTest {

    private static final int SIZE = 5000;

    /// Connected queue pairs of parent domains, with all that a row of traffic does.
    private static Pair connect(Rig rig, ProtectionDomain left, ProtectionDomain right) {
        Pair pair =
                new Pair(
                        rig.left().end(Setup.standard(), left),
                        rig.right().end(Setup.standard(), right));
        pair.connect();
        return pair;
    }

    private static void exchange(Rig rig, Pair pair, Buffer own, Buffer to) {
        for (int i = 0; i < 20; i++) {
            own.fill(i);
            pair.right().receive(i, to.all());
            assertThat(pair.left().run(SIGNALED.send(i, own.all()))).isEqualTo(SUCCESS);
            assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
            assertThat(to.equalsBytes(own)).isTrue();
            own.fill(i + 50);
            assertThat(pair.left().run(SIGNALED.write(i, own.all(), to))).isEqualTo(SUCCESS);
            assertThat(to.equalsBytes(own)).isTrue();
        }
        rig.rest();
    }

    private static ProtectionDomain parentOf(Node node, Optional<ThreadDomain> threads) {
        return node.keep(node.domain().allocateParentDomain(threads));
    }

    @Test
    @Tag("PYV-PARENTDOMAIN-001")
    @Tag("PYV-PARENTDOMAIN-002")
    @Decision("queues live in the heap of the JVM: the default allocator is the only one")
    void shouldCarryTraffic(Rig rig) {
        ThreadDomain threads = rig.left().keep(rig.left().context().allocateThreadDomain());
        ProtectionDomain left = parentOf(rig.left(), Optional.of(threads));
        ProtectionDomain right = parentOf(rig.right(), Optional.empty());
        Pair pair = connect(rig, left, right);
        assertThat(pair.left().queuePair().protectionDomain()).isSameAs(left);
        exchange(rig, pair, rig.left().buffer(SIZE), rig.right().buffer(SIZE));
        exchange(
                rig,
                pair,
                rig.left().userBuffer(left, SIZE, Node.ALL),
                rig.right().userBuffer(right, SIZE, Node.ALL));
        Expect.refused(Errno.EBUSY, threads::close);
        Expect.refused(Errno.EBUSY, left::close);
    }

    private static Buffer relaxed(Node node, int size) {
        Set<AccessFlag> access = new HashSet<>(Node.ALL);
        access.add(AccessFlag.RELAXED_ORDERING);
        return node.buffer(size, access);
    }

    @Test
    @Tag("PYV-RELAXEDORDERING-001")
    void shouldCarryTrafficOfMemoryWithoutOrder(Rig rig) {
        exchange(rig, rig.connect(), relaxed(rig.left(), SIZE), relaxed(rig.right(), SIZE));
    }

    @Test
    @Tag("PYV-RELAXEDORDERING-002")
    void shouldCarryDatagramsOfMemoryWithoutOrder(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = relaxed(rig.left(), 100).fill(3);
        Buffer to = relaxed(rig.right(), 100 + Datagrams.HEADER);
        right.receive(1, to.all());
        assertThat(left.run(Datagrams.send(1, Datagrams.destination(left, right), own.all())))
                .isEqualTo(SUCCESS);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.bytes().asSlice(Datagrams.HEADER).mismatch(own.bytes())).isEqualTo(-1);
    }
}
