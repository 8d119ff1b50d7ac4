package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;

/// What `dma_map_sg` makes of known lists behind an IOMMU, through the public API.
///
/// Source: `iommu_dma_map_sg` and `__finalise_sg` of `drivers/iommu/dma-iommu.c`.
class DmaVectorTableTest {

    private static final long K = 1024;
    private static final long PAGE = DmaHost.PAGE;
    private static final long PCI_BOUNDARY = (1L << 32) - 1;
    private static final long HUGE = 1L << 40;

    private final DmaHost it = new DmaHost();
    private final ScatterList list = new ScatterList();

    private void addPages(int pages) {
        PhysicalAllocation memory = it.scattered(pages * PAGE);
        for (int i = 0; i < pages; i++) {
            list.add(memory.range(i * PAGE, PAGE));
        }
    }

    private void add(long offset, long length) {
        list.add(it.contiguous(offset + length).range(offset, length));
    }

    private void addPeer() {
        list.add(it.busPeer.addBar(PAGE).range(0, PAGE));
    }

    /// Maps the list in every way; expects so much IOVA in one allocation and one sync, and
    /// segments as offset from the range's first address and length in turn, a peer as -1 and its
    /// length.
    private void check(long boundary, long maxSegment, long iovaLength, long... expected) {
        DmaLimits limits = new DmaLimits(Long.MAX_VALUE, boundary, maxSegment);
        TestDevice device = it.translated(AdapterProperties.standard().withLimits(limits));
        DmaStatistics before = device.statistics();
        DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE);
        DmaStatistics done = device.statistics().since(before);
        assertThat(done.iovaAllocations()).isEqualTo(1);
        assertThat(done.iovaBytes()).isEqualTo(iovaLength);
        assertThat(done.iotlbSyncs()).isEqualTo(1);
        List<Long> found = new ArrayList<>();
        long base = Long.highestOneBit(iovaLength * 2 - 1);
        long start = mapping.segments().getFirst().address() & -base;
        mapping.forEachSegment(
                (space, address, length) -> {
                    found.add(space == AddressSpace.BUS ? -1 : address - start);
                    found.add(length);
                });
        assertThat(found.stream().mapToLong(Long::longValue).toArray()).isEqualTo(expected);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        mapping.close();
        it.assertAllFree();
    }

    @Test
    void shouldMapThreePagesAPeerAndFourPagesAsThreeSegments() {
        addPages(3);
        addPeer();
        addPages(4);
        check(PCI_BOUNDARY, HUGE, 0x7000, 0, 0x3000, -1, PAGE, 0x3000, 0x4000);
    }

    @Test
    void shouldMapEightScatteredPagesAsOneSegment() {
        addPages(8);
        check(PCI_BOUNDARY, HUGE, 0x8000, 0, 0x8000);
    }

    @Test
    void shouldSplitAroundAnElementInsideAPage() {
        addPages(1);
        add(0x200, 0x400);
        addPages(1);
        check(PCI_BOUNDARY, HUGE, 0x3000, 0, 0x1000, 0x1200, 0x400, 0x2000, 0x1000);
    }

    @Test
    void shouldLeaveTheFirstOffsetAndTheLastEndFree() {
        add(0x800, 0x800);
        addPages(1);
        add(0, 0x123);
        check(PCI_BOUNDARY, HUGE, 0x3000, 0x800, 0x1923);
    }

    @Test
    void shouldEndASegmentAtTheLongestThatTheDeviceTakes() {
        addPages(32);
        check(PCI_BOUNDARY, 64 * K, 0x20000, 0, 64 * K, 64 * K, 64 * K);
    }

    @Test
    void shouldPadToTheSegmentBoundary() {
        addPages(10);
        add(0, 64 * K);
        check(64 * K - 1, HUGE, 0x20000, 0, 0xa000, 0x10000, 0x10000);
    }

    /// A gigabyte of single pages with one page of a peer in the middle.
    @Test
    void shouldMapAGigabyteWithAPeerAsThreeSegmentsOrManyThatAreShort() {
        PhysicalAllocation memory = it.scattered(262_143 * PAGE);
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        PhysicalVector middle = new Inserted(memory, 131_071, bar.address(0));
        for (long maxSegment : new long[] {HUGE, 64 * K}) {
            TestDevice device =
                    it.translated(
                            AdapterProperties.standard()
                                    .withLimits(
                                            new DmaLimits(
                                                    Long.MAX_VALUE, PCI_BOUNDARY, maxSegment)));
            try (DmaMapping mapping = device.map(middle, DmaDirection.TO_DEVICE)) {
                assertThat(mapping.segments()).hasSize(maxSegment == HUGE ? 3 : 16_385);
                assertThat(device.statistics().iovaAllocations()).isEqualTo(1);
                assertThat(device.statistics().iovaBytes()).isEqualTo(0x3fff_f000L);
                assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_WITH_BUS);
                assertThat(mapping.storedAddresses()).isZero();
            }
        }
        it.assertAllFree();
    }

    /// A structure of one's own: pages with one put in between.
    private record Inserted(PhysicalVector pages, int at, long page) implements PhysicalVector {

        @Override
        public int count() {
            return pages.count() + 1;
        }

        @Override
        public long address(int index) {
            return index == at ? page : pages.address(index < at ? index : index - 1);
        }

        @Override
        public long length(int index) {
            return PAGE;
        }
    }
}
