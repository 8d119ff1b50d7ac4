package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.rw.ReadWriteStrategy;
import org.softverbs.rw.RegistrationResult;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.LocalInvalidate;
import org.softverbs.verbs.SendWorkRequest.RdmaRead;
import org.softverbs.verbs.SendWorkRequest.RdmaReadWithInvalidate;
import org.softverbs.verbs.SendWorkRequest.RegisterMemory;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

class ReadWriteContextTest {

    private static final int BYTES = 256 * 4096;
    private static final long ID = ReadWriteFixture.ID;

    private final DmaSettings direct = DmaSettings.of(DmaAddressing.PHYSICAL);
    private final DmaSettings translated = DmaSettings.of(DmaAddressing.IOVA).withIommu(true);

    static Stream<DmaSettings> attachments() {
        DmaSettings adapter = DmaSettings.of(DmaAddressing.IOVA);
        return Stream.of(
                DmaSettings.of(DmaAddressing.PHYSICAL),
                DmaSettings.of(DmaAddressing.VIRTUAL),
                adapter,
                adapter.withIommu(true),
                adapter.withBouncePolicy(BouncePolicy.ALWAYS),
                adapter.withIommu(true).withBouncePolicy(BouncePolicy.ALWAYS));
    }

    private static ReadWriteLimits limits(InProcessPair pair, boolean force) {
        return ReadWriteLimits.of(pair.left.queuePair, force);
    }

    private static void fill(MemorySegment segment, int seed) {
        for (long i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, TestNode.pattern(seed, i));
        }
    }

    @ParameterizedTest
    @MethodSource("attachments")
    void shouldMoveTheSameBytesOverEveryAttachmentWithAndWithoutRegistrations(DmaSettings dma) {
        InProcessPair pair = new InProcessPair(BYTES, Mtu.MTU_4096, dma);
        for (boolean force : List.of(false, true)) {
            try (ReadWriteQueue queue =
                            new ReadWriteQueue(pair.left.queuePair, limits(pair, force), 4);
                    PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
                // Three times, so that registrations are used again.
                for (int seed = 1; seed <= 3; seed++) {
                    pair.right.fill(seed);
                    ReadWriteFixture.perform(pair, queue, memory, DmaDirection.FROM_DEVICE);
                    assertThat(memory.segment().mismatch(pair.right.region.segment()))
                            .isEqualTo(-1);
                    fill(memory.segment(), seed + 100);
                    ReadWriteFixture.perform(pair, queue, memory, DmaDirection.TO_DEVICE);
                    assertThat(memory.segment().mismatch(pair.right.region.segment()))
                            .isEqualTo(-1);
                }
            }
        }
        DmaStatistics done = pair.left.privileged().context().dma().statistics();
        assertThat(done.maps()).isEqualTo(12);
        assertThat(done.unmaps()).isEqualTo(done.maps());
        assertThat(done.iovaFrees()).isEqualTo(done.iovaAllocations());
    }

    private static ReadWriteContext read(ReadWriteQueue queue, PhysicalAllocation memory) {
        return ReadWriteContext.overScatterList(
                queue, memory, 0, 0x1000, 1, DmaDirection.FROM_DEVICE);
    }

    @Test
    void shouldReadIntoScatteredPagesWithEightRequestsOfThirtyTwoElements() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, direct);
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 32, 32, 0, false),
                                16);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES);
                ReadWriteContext io = read(queue, memory)) {
            assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.MULTI);
            assertThat(io.workRequests(ID))
                    .hasSize(8)
                    .allSatisfy(
                            it -> {
                                assertThat(it).isInstanceOf(RdmaRead.class);
                                assertThat(it.elements()).hasSize(32);
                            });
            assertThat(queue.regions().available()).as("no pool that nothing needs").isZero();
        }
    }

    @Test
    void shouldReadIntoScatteredPagesWithOneElementBehindAnIommu() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, translated);
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 32, 32, 16, false),
                                16);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
            try (ReadWriteContext io = read(queue, memory)) {
                assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.SINGLE);
                assertThat(io.registration())
                        .isInstanceOf(RegistrationResult.NoRegistrationNeeded.class);
                assertThat(io.workRequests(ID))
                        .singleElement()
                        .satisfies(it -> assertThat(it.elements()).hasSize(1));
            }
            try (ReadWriteContext io =
                    ReadWriteContext.overBioVector(
                            queue, new BioVector(memory), 0, 1, DmaDirection.FROM_DEVICE)) {
                assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.IOVA);
            }
        }
    }

    @Test
    void shouldRegisterAReadAboveTheLimitWithTwoRequestsAndInvalidateBeforeTheNext() {
        InProcessPair pair = new InProcessPair(BYTES, Mtu.MTU_4096, direct);
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 8, 8, 16, false),
                                16);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
            List<List<Class<?>>> rounds = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                try (ReadWriteContext io =
                        ReadWriteContext.overScatterList(
                                queue,
                                memory,
                                0,
                                pair.right.region.address(),
                                pair.right.region.remoteKey(),
                                DmaDirection.FROM_DEVICE)) {
                    assertThat(io.registrations()).isEqualTo(1);
                    List<SendWorkRequest> requests = io.workRequests(ID);
                    rounds.add(requests.stream().<Class<?>>map(SendWorkRequest::getClass).toList());
                    pair.left.queuePair.postSend(requests);
                    pair.settle();
                    assertThat(pair.left.pollSends())
                            .extracting(WorkCompletion::status)
                            .containsExactly(WorkCompletionStatus.SUCCESS);
                }
            }
            assertThat(rounds.getFirst()).containsExactly(RegisterMemory.class, RdmaRead.class);
            assertThat(rounds.getLast())
                    .containsExactly(LocalInvalidate.class, RegisterMemory.class, RdmaRead.class);
        }
    }

    @Test
    void shouldRegisterEveryIwarpReadAndEndItWithTheRead() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, direct);
        ReadWriteLimits iwarp = ReadWriteFixture.limits(true, 6, 1, 0, false);
        try (ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, iwarp, 16);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
            for (int round = 0; round < 2; round++) {
                try (ReadWriteContext io = read(queue, memory)) {
                    assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.MR);
                    assertThat(io.decision().reason()).contains("iWARP").contains("wire");
                    List<SendWorkRequest> requests = io.workRequests(ID);
                    assertThat(requests).hasSize(2);
                    assertThat(requests.getLast())
                            .isInstanceOf(RdmaReadWithInvalidate.class)
                            .satisfies(
                                    it ->
                                            assertThat(it.flags())
                                                    .containsExactly(SendFlag.SIGNALED));
                }
            }
            try (ReadWriteContext write =
                    ReadWriteContext.overScatterList(
                            queue, memory, 0, 0, 1, DmaDirection.TO_DEVICE)) {
                assertThat(write.decision().strategy()).isEqualTo(ReadWriteStrategy.MULTI);
            }
        }
    }

    @Test
    @Provokes(value = Finding.OVERLAP, because = "two contexts have the same memory")
    void shouldFallBackToElementsWhenThePoolIsEmptyUnlessARegistrationIsAMust() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, direct);
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 8, 8, 16, false),
                                1);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES);
                ReadWriteContext first = read(queue, memory);
                ReadWriteContext second = read(queue, memory)) {
            assertThat(first.decision().strategy()).isEqualTo(ReadWriteStrategy.MR);
            assertThat(second.decision().strategy()).isEqualTo(ReadWriteStrategy.MULTI);
            assertThat(second.decision().reason()).contains("no registration is free");
        }
        for (ReadWriteLimits must :
                List.of(
                        ReadWriteFixture.limits(true, 8, 1, 0, false),
                        ReadWriteFixture.limits(false, 8, 8, 0, true))) {
            try (ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, must, 1);
                    PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES);
                    ReadWriteContext first = read(queue, memory)) {
                assertThat(first.registrations()).isEqualTo(1);
                assertThatThrownBy(() -> read(queue, memory))
                        .isInstanceOf(VerbsException.class)
                        .hasMessageContaining("too few registrations");
            }
        }
        DmaStatistics done = pair.left.privileged().context().dma().statistics();
        assertThat(done.unmaps()).isEqualTo(done.maps());
    }

    @Test
    void shouldTakeNoRegistrationForNeighbouringPagesHoweverMany() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, direct);
        ReadWriteLimits limits = ReadWriteFixture.limits(false, 8, 8, 2, false);
        try (ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, limits, 1);
                PhysicalAllocation memory =
                        pair.left
                                .privileged()
                                .context()
                                .physicalMemory()
                                .allocate(PhysicalMemoryRequest.contiguous(BYTES))) {
            for (int i = 0; i < 100; i++) {
                try (ReadWriteContext io = read(queue, memory)) {
                    assertThat(io.registrations()).isZero();
                }
            }
            assertThat(queue.regions().taken()).isZero();
        }
    }

    @Test
    void shouldSizeTheSendQueueThreefoldOnlyWhenRegistrationsCanBe() {
        QueuePairCapabilities own = new QueuePairCapabilities(10, 20, 4, 4, 0);
        assertThat(
                        ReadWriteQueue.capabilities(
                                        own, ReadWriteFixture.limits(false, 8, 8, 16, false), 32)
                                .maxSendRequests())
                .isEqualTo(10 + 3 * 32);
        assertThat(
                        ReadWriteQueue.capabilities(
                                        own, ReadWriteFixture.limits(false, 8, 8, 0, false), 32)
                                .maxSendRequests())
                .isEqualTo(10 + 32);
    }

    @Test
    void shouldCountEachRegistrationEachRequestAndASignature() {
        ReadWriteLimits plain = ReadWriteFixture.limits(false, 8, 8, 0, false);
        assertThat(plain.requestsPerContext(256, false)).isEqualTo(32);
        assertThat(plain.requestsPerContext(8, false)).isEqualTo(1);
        assertThat(plain.requestsPerContext(8, true)).as("a signature").isEqualTo(3);
        assertThat(plain.registrationsPerContext(1024)).isZero();
        ReadWriteLimits registering = ReadWriteFixture.limits(false, 1024, 1024, 16, false);
        assertThat(registering.registrationsPerContext(257)).isEqualTo(2);
        assertThat(registering.requestsPerContext(257, true)).isEqualTo(6);
        QueuePairCapabilities own = new QueuePairCapabilities(10, 20, 4, 4, 0);
        assertThat(ReadWriteQueue.capabilities(own, 6, 32).maxSendRequests())
                .isEqualTo(10 + 6 * 32);
    }

    @Test
    void shouldLeaveOutTheOffsetAndChainALastRequest() {
        InProcessPair pair = new InProcessPair(BYTES, Mtu.MTU_4096, direct);
        pair.right.fill(9);
        int offset = 4096 + 100;
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(pair.left.queuePair, limits(pair, false), 0);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, 32_768);
                ReadWriteContext io =
                        ReadWriteContext.overScatterList(
                                queue,
                                memory,
                                offset,
                                pair.right.region.address(),
                                pair.right.region.remoteKey(),
                                DmaDirection.FROM_DEVICE)) {
            pair.right.queuePair.postReceive(
                    new org.softverbs.verbs.ReceiveWorkRequest(1, List.of()));
            io.post(new SendWorkRequest.Send(99, List.of(), Set.of(SendFlag.SIGNALED)));
            pair.settle();
            assertThat(pair.left.pollSends())
                    .extracting(WorkCompletion::workRequestId)
                    .containsExactly(99L);
            assertThat(pair.right.pollReceives()).hasSize(1);
            MemorySegment read = memory.segment();
            assertThat(
                            MemorySegment.mismatch(
                                    read,
                                    offset,
                                    read.byteSize(),
                                    pair.right.region.segment(),
                                    0,
                                    read.byteSize() - offset))
                    .isEqualTo(-1);
            assertThat(read.asSlice(0, offset).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void shouldTakeMoreRegistrationsWhereGapsOrLengthsDemandIt() {
        InProcessPair pair = new InProcessPair(BYTES, Mtu.MTU_4096, direct);
        pair.right.fill(3);
        try (PhysicalAllocation memory = ReadWriteFixture.scattered(pair, 4 * 4096)) {
            // A gap inside a page between the second and the third element.
            var list =
                    new org.softverbs.dma.ScatterList()
                            .add(memory.range(0, 4096))
                            .add(memory.range(4096, 1000))
                            .add(memory.range(8192 + 8, 4088))
                            .add(memory.range(12_288, 4096));
            ReadWriteLimits forced = new ReadWriteLimits(false, 8, 8, 0, 2, 1L << 31, true);
            try (ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, forced, 4);
                    ReadWriteContext io =
                            ReadWriteContext.overScatterList(
                                    queue,
                                    list,
                                    0,
                                    pair.right.region.address(),
                                    pair.right.region.remoteKey(),
                                    DmaDirection.FROM_DEVICE)) {
                assertThat(io.registrations()).isEqualTo(2);
                io.post(ID);
                pair.settle();
                assertThat(pair.left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
            }
            long at = 0;
            for (int i = 0; i < list.count(); i++) {
                long offset = List.of(0L, 4096L, 8200L, 12_288L).get(i);
                assertThat(
                                MemorySegment.mismatch(
                                        memory.segment(),
                                        offset,
                                        offset + list.length(i),
                                        pair.right.region.segment(),
                                        at,
                                        at + list.length(i)))
                        .isEqualTo(-1);
                at += list.length(i);
            }
        }
    }

    @Test
    void shouldRegisterNothingOnADeviceWithoutRegistrations() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_4096, direct);
        ReadWriteLimits none = new ReadWriteLimits(false, 8, 8, 2, 0, 1L << 31, false);
        assertThat(none.mayRegister()).isFalse();
        assertThat(none.requestsPerContext()).isEqualTo(1);
        try (ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, none, 4);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, 8 * 4096);
                ReadWriteContext io = read(queue, memory)) {
            assertThat(io.decision().strategy()).isEqualTo(ReadWriteStrategy.MULTI);
            assertThat(queue.regions().available()).isZero();
        }
        assertThatThrownBy(() -> new ReadWriteLimits(false, 8, 8, 2, 0, 1L << 31, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("registrationPages 0");
    }
}
