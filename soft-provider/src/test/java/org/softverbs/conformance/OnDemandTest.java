package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryAdvice;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.ProgramMemory;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// Rows PYV-ODP: memory whose pages come in when they are accessed. It is the program's own on
/// devices of each kind.
@Conformance
class OnDemandTest {

    private static final int PAGE = 4096;
    private static final int SIZE = 3 * PAGE + 17;
    private static final int PAGES = 4;

    private static Buffer onDemand(Node node, long size) {
        Set<AccessFlag> access = new HashSet<>(Node.ALL);
        access.add(AccessFlag.ON_DEMAND);
        Buffer buffer = node.userBuffer(node.domain(), size, access);
        buffer.region().dropPages(0, size);
        return buffer;
    }

    private static long counter(Node node, String name) {
        return node.context().counters().getOrDefault(name, -1L);
    }

    private static void send(Rig rig, Pair pair, Buffer own, Buffer to) {
        own.fill(7);
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
        rig.rest();
    }

    @Test
    @Tag("PYV-ODP-001")
    void shouldBringInPagesThatWereDropped(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = onDemand(rig.left(), SIZE);
        Buffer to = onDemand(rig.right(), SIZE);
        for (int round = 1; round <= 3; round++) {
            send(rig, pair, own, to);
            assertThat(counter(rig.left(), "page_faults")).isEqualTo((long) round * PAGES);
            assertThat(counter(rig.right(), "page_faults")).isEqualTo((long) round * PAGES);
            own.region().dropPages(0, SIZE);
            to.region().dropPages(0, SIZE);
            assertThat(counter(rig.left(), "page_invalidations")).isEqualTo((long) round * PAGES);
        }
    }

    @Test
    @Tag("PYV-ODP-002")
    void shouldMixWithMemoryThatStays(Rig rig) {
        Pair pair = rig.connect();
        send(rig, pair, onDemand(rig.left(), SIZE), rig.right().buffer(SIZE));
        send(rig, pair, rig.left().buffer(SIZE), onDemand(rig.right(), SIZE));
        assertThat(counter(rig.left(), "page_faults")).isEqualTo(PAGES);
        assertThat(counter(rig.right(), "page_faults")).isEqualTo(PAGES);
    }

    @Test
    @Tag("PYV-ODP-006")
    void shouldAddInPagesThatWereDropped(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = onDemand(rig.left(), 8);
        Buffer to = onDemand(rig.right(), 8);
        to.word(0, 40);
        assertThat(pair.left().run(SIGNALED.fetchAndAdd(1, own.all(), to.address(), to.key(), 2)))
                .isEqualTo(SUCCESS);
        assertThat(to.word(0)).isEqualTo(42);
        assertThat(own.word(0)).isEqualTo(40);
        assertThat(counter(rig.right(), "page_faults")).isEqualTo(1);
    }

    @Test
    @Tag("PYV-ODP-007")
    void shouldReadPagesThatWereDropped(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = onDemand(rig.left(), SIZE);
        Buffer from = onDemand(rig.right(), SIZE).fill(9);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from))).isEqualTo(SUCCESS);
        assertThat(own.equalsBytes(from)).isTrue();
        assertThat(counter(rig.right(), "page_faults")).isEqualTo(PAGES);
    }

    @Test
    @Tag("PYV-ODP-010")
    void shouldCarryDatagramsOfPagesThatWereDropped(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = onDemand(rig.left(), 100).fill(3);
        Buffer to = onDemand(rig.right(), 100 + Datagrams.HEADER);
        right.receive(1, to.all());
        assertThat(left.run(Datagrams.send(1, Datagrams.destination(left, right), own.all())))
                .isEqualTo(SUCCESS);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.bytes().asSlice(Datagrams.HEADER).mismatch(own.bytes())).isEqualTo(-1);
        assertThat(counter(rig.right(), "page_faults")).isEqualTo(1);
    }

    @Test
    @Tag("PYV-ODP-015")
    void shouldNotWaitForPagesThatWereAskedFor(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = onDemand(rig.left(), SIZE);
        Buffer to = onDemand(rig.right(), SIZE);
        rig.left().domain().advise(MemoryAdvice.PREFETCH, false, List.of(own.all()));
        rig.right().domain().advise(MemoryAdvice.PREFETCH_WRITE, false, List.of(to.all()));
        rig.rest();
        send(rig, pair, own, to);
        assertThat(counter(rig.left(), "page_faults")).isZero();
        assertThat(counter(rig.right(), "page_faults")).isZero();
        assertThat(counter(rig.right(), "page_prefetches")).isEqualTo(PAGES);
    }

    @Test
    @Tag("PYV-ODP-023")
    void shouldFlushPagesThatWereDropped(Rig rig) {
        Set<AccessFlag> access = new HashSet<>(Node.ALL);
        access.add(AccessFlag.ON_DEMAND);
        access.add(AccessFlag.FLUSH_GLOBAL);
        Set<AccessFlag> peerMay = Set.of(AccessFlag.FLUSH_GLOBAL, AccessFlag.REMOTE_WRITE);
        Pair pair = rig.connect(Setup.standard().withPeerMay(peerMay));
        Buffer to = rig.right().userBuffer(rig.right().domain(), SIZE, access);
        for (SelectivityLevel level : SelectivityLevel.values()) {
            to.region().dropPages(0, SIZE);
            SendWorkRequest flush =
                    new SendWorkRequest.Flush(
                            1,
                            to.address(),
                            SIZE,
                            to.key(),
                            Set.of(PlacementType.GLOBAL),
                            level,
                            Set.of(SendFlag.SIGNALED));
            assertThat(pair.left().run(flush)).isEqualTo(SUCCESS);
        }
        Buffer own = rig.left().buffer(SIZE).fill(4);
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-ODP-018")
    void shouldBringInNothingWithoutAFault(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = onDemand(rig.left(), SIZE);
        Buffer to = onDemand(rig.right(), SIZE);
        rig.right().domain().advise(MemoryAdvice.PREFETCH_NO_FAULT, true, List.of(to.all()));
        assertThat(counter(rig.right(), "page_prefetches")).isZero();
        send(rig, pair, own, to);
        assertThat(counter(rig.right(), "page_faults")).isEqualTo(PAGES);
    }

    private static void shouldPrefetchOfAll(Rig rig, boolean flush) {
        Set<AccessFlag> access = new HashSet<>(Node.ALL);
        access.add(AccessFlag.ON_DEMAND);
        Node node = rig.right();
        MemoryRegion all = node.keep(node.domain().registerImplicit(access));
        MemorySegment segment = Arena.ofAuto().allocate(SIZE, PAGE);
        ProgramMemory memory = node.keep(node.context().mapMemory(segment));
        Sge to = new Sge(memory.address(), SIZE, all.localKey());
        node.domain().advise(MemoryAdvice.PREFETCH_WRITE, flush, List.of(to));
        rig.rest();
        assertThat(counter(node, "page_prefetches")).isEqualTo(PAGES);
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(SIZE).fill(4);
        pair.right().receive(1, to);
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(segment.mismatch(own.bytes())).isEqualTo(-1);
        assertThat(counter(node, "page_faults")).isZero();
    }

    @Test
    @Tag("PYV-ODP-016")
    void shouldPrefetchOfAllMemoryAndWait(Rig rig) {
        shouldPrefetchOfAll(rig, true);
    }

    @Test
    @Tag("PYV-ODP-017")
    void shouldPrefetchOfAllMemory(Rig rig) {
        shouldPrefetchOfAll(rig, false);
    }
}
