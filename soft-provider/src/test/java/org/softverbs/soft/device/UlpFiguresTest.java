package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.rw.MappedSges;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.rw.SgeBuilder;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.Sge;

/// The figures of `docs/dma-figures.md` that need a device.
class UlpFiguresTest {

    private static final int PAGE = 4096;
    private static final long HUNDRED_GIB = 100L << 30;

    private final InProcessPair pair =
            new InProcessPair(
                    PAGE, Mtu.MTU_4096, DmaSettings.of(DmaAddressing.IOVA).withIommu(true));
    private final DmaDevice dma = pair.left.privileged().context().dma();

    private PhysicalAllocation allocate(PhysicalMemoryRequest request) {
        return pair.left.privileged().context().physicalMemory().allocate(request);
    }

    /// F4: an array of addresses for 100 GiB, and what a mapping keeps instead.
    @ParameterizedTest
    @CsvSource({"SIZE_4K, 26214400, 209715200", "SIZE_2M, 51200, 409600", "SIZE_1G, 100, 800"})
    void shouldKeepOneRangeWhereAnArrayOfAddressesWouldTakeMuch(
            PageSize size, int pages, long bytes) {
        try (PhysicalAllocation memory =
                allocate(PhysicalMemoryRequest.scattered(HUNDRED_GIB).withPageSize(size))) {
            assertThat(memory.count()).isEqualTo(pages);
            assertThat((long) memory.count() * Long.BYTES).isEqualTo(bytes);
            if (size != PageSize.SIZE_4K) {
                try (DmaMapping mapping = dma.map(memory, DmaDirection.BIDIRECTIONAL)) {
                    assertThat(mapping.storedAddresses()).isZero();
                    assertThat(mapping.length()).isEqualTo(HUNDRED_GIB);
                }
            }
        }
    }

    /// F16: 64 KiB in pages, each mapped on its own, and in one piece.
    @Test
    void shouldMapAContiguousSinkOnceWhereSixteenPagesTakeSixteenMaps() {
        DmaStatistics before = dma.statistics();
        try (PhysicalAllocation pages = allocate(PhysicalMemoryRequest.scattered(65_536));
                DmaMapping loop = dma.mapPages(pages, DmaDirection.FROM_DEVICE)) {
            assertThat(loop.segments()).hasSize(16);
            assertThat(dma.statistics().since(before).iovaAllocations()).isEqualTo(16);
        }
        DmaStatistics between = dma.statistics();
        ReadWriteLimits limits = ReadWriteLimits.of(pair.left.queuePair, false);
        try (PhysicalAllocation piece = allocate(PhysicalMemoryRequest.contiguous(65_536));
                ReadWriteQueue queue = new ReadWriteQueue(pair.left.queuePair, limits, 0);
                ReadWriteContext io =
                        ReadWriteContext.overBioVector(
                                queue, new BioVector(piece), 0, 1, DmaDirection.FROM_DEVICE)) {
            assertThat(piece.count()).isEqualTo(1);
            assertThat(io.workRequests(1))
                    .singleElement()
                    .satisfies(it -> assertThat(it.elements()).hasSize(1));
            assertThat(dma.statistics().since(between).maps()).isEqualTo(1);
        }
    }

    /// F17: a bio vector of n pages: one sync instead of n.
    @ParameterizedTest
    @CsvSource({"1", "16", "256", "4096"})
    void shouldSyncOnceForABioVectorHoweverLong(int pages) {
        try (PhysicalAllocation memory =
                allocate(PhysicalMemoryRequest.scattered((long) pages * PAGE))) {
            BioVector vector = new BioVector(memory);
            DmaStatistics before = dma.statistics();
            dma.mapPages(vector, DmaDirection.FROM_DEVICE).close();
            DmaStatistics between = dma.statistics();
            dma.map(vector, DmaDirection.FROM_DEVICE).close();
            assertThat(between.since(before).iotlbSyncs()).isEqualTo(pages);
            assertThat(dma.statistics().since(between).iotlbSyncs()).isEqualTo(1);
        }
    }

    /// F19: an inline SEND carries the CPU's own memory and maps nothing.
    @Test
    void shouldMapNothingForInlineData() {
        DmaStatistics before = dma.statistics();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(80);
            data.fill((byte) 5);
            pair.right.queuePair.postReceive(
                    new org.softverbs.verbs.ReceiveWorkRequest(
                            1, java.util.List.of(pair.right.region.element(0, 80))));
            pair.left.queuePair.sendCursor().send(1).inlineData(data, 0, 80).signaled().post();
        }
        pair.settle();
        assertThat(pair.left.pollSends()).hasSize(1);
        assertThat(
                        pair.right
                                .region
                                .segment()
                                .asSlice(0, 80)
                                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                .containsOnly(5);
        assertThat(dma.statistics().since(before).maps()).isZero();
    }

    /// The builders of the proposal: the domain's key, and the address that this device takes.
    @Test
    void shouldBuildElementsWithTheLocalKeyAndUndoThemWithTheHandle() {
        try (PhysicalAllocation memory = allocate(PhysicalMemoryRequest.scattered(3 * PAGE));
                MappedSges list =
                        SgeBuilder.fillSgeFromSgl(
                                pair.left.privileged(), memory, DmaDirection.TO_DEVICE);
                MappedSges single =
                        SgeBuilder.mapSgeSingle(
                                pair.left.privileged(),
                                pair.left
                                        .privileged()
                                        .context()
                                        .physicalMemory()
                                        .kernelAddress(memory.address(1)),
                                100,
                                DmaDirection.TO_DEVICE)) {
            int key = pair.left.privileged().localDmaLkey();
            assertThat(list.elements()).hasSize(1);
            assertThat(list.elements()).extracting(Sge::localKey).containsOnly(key);
            assertThat(single.elements())
                    .singleElement()
                    .satisfies(
                            it -> {
                                assertThat(it.localKey()).isEqualTo(key);
                                assertThat(it.length()).isEqualTo(100);
                            });
        }
        assertThat(dma.statistics().unmaps()).isEqualTo(dma.statistics().maps());
        assertThat(Set.of(dma.statistics().iovaFrees()))
                .containsExactly(dma.statistics().iovaAllocations());
    }
}
