package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PageVector;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.bounce.BounceCheck;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.BounceRequest;
import org.softverbs.soft.bounce.BounceResult;
import org.softverbs.soft.bounce.SwiotlbDevice;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.bounce.VduseDomain;
import org.softverbs.soft.bounce.VduseSettings;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;

/// Claims about mapping that can be counted.
class DmaFiguresTest {

    private static final long PAGE = DmaHost.PAGE;
    private static final int GIGABYTE_PAGES = 262_144;

    private final DmaHost it = new DmaHost();
    private final TestDevice device = it.translated(AdapterProperties.standard());

    private DmaStatistics count(DmaDevice counted, PhysicalVector vector, boolean inALoop) {
        DmaStatistics before = counted.statistics();
        DmaDirection direction = DmaDirection.TO_DEVICE;
        DmaMapping mapping =
                inALoop ? counted.mapPages(vector, direction) : counted.map(vector, direction);
        mapping.close();
        return counted.statistics().since(before);
    }

    /// F1: a gigabyte of scattered pages.
    @Test
    void figureOneAllocationAgainstOneForEachPage() {
        PhysicalAllocation pages = it.scattered(GIGABYTE_PAGES * PAGE);
        long runs = it.domain.statistics().maps();
        DmaStatistics once = count(device, pages, false);
        assertThat(it.domain.statistics().maps() - runs).isEqualTo(GIGABYTE_PAGES);
        assertThat(once.iovaAllocations()).isEqualTo(1);
        assertThat(once.iotlbSyncs()).isEqualTo(1);
        assertThat(once.iovaFrees()).isEqualTo(1);
        assertThat(once.iotlbFlushes()).isEqualTo(1);
        DmaStatistics loop = count(device, pages, true);
        assertThat(loop.iovaAllocations()).isEqualTo(GIGABYTE_PAGES);
        assertThat(loop.iotlbSyncs()).isEqualTo(GIGABYTE_PAGES);
        assertThat(loop.iovaFrees()).isEqualTo(GIGABYTE_PAGES);
        assertThat(loop.iotlbFlushes()).isEqualTo(GIGABYTE_PAGES);
        assertThat(loop.iovaBytes()).isEqualTo(once.iovaBytes());
        it.assertAllFree();
    }

    /// F2: one peer's page among a gigabyte does not spoil it. [DmaVectorTableTest] has the
    /// segments.
    @Test
    void figureTwoOnePeersPageCostsNoAllocation() {
        PhysicalAllocation pages = it.scattered((GIGABYTE_PAGES - 1) * PAGE);
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        ScatterList list = new ScatterList();
        for (int i = 0; i < pages.count(); i++) {
            if (i == pages.count() / 2) {
                list.add(bar.range(0, PAGE));
            }
            list.add(new PhysicalRange(pages.address(i), PAGE));
        }
        DmaStatistics once = count(device, list, false);
        assertThat(once.iovaAllocations()).isEqualTo(1);
        assertThat(once.iovaBytes()).isEqualTo(0x3fff_f000L);
        assertThat(count(device, list, true).iovaAllocations()).isEqualTo(GIGABYTE_PAGES - 1);
    }

    /// F3: with an IOMMU three segments; without as many as there are runs, and the peer's.
    @Test
    void figureThreeSegmentsAroundAPeer() {
        PhysicalAllocation pages = it.scattered(10 * PAGE);
        ScatterList list = new ScatterList();
        for (int i = 0; i < 10; i++) {
            if (i == 4) {
                list.add(it.busPeer.addBar(PAGE).range(0, PAGE));
            }
            list.add(pages.range(i * PAGE, PAGE));
        }
        try (DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE)) {
            assertThat(mapping.segments()).hasSize(3);
        }
        try (DmaMapping mapping =
                it.direct(AdapterProperties.standard()).mapSg(list, DmaDirection.TO_DEVICE)) {
            assertThat(mapping.segments()).hasSize(11);
        }
    }

    /// F10: data from the device is copied once by VDUSE's domain, twice by SWIOTLB; and VDUSE has
    /// pages one by one where SWIOTLB has its pool in one piece.
    @Test
    void figureTenCopiesAndContiguousMemoryOfVduseAndSwiotlb() {
        PhysicalAllocation memory = it.contiguous(16 * PAGE);
        SwiotlbDevice swiotlb =
                SwiotlbDevice.likeVduse(it.host.physicalMemory(), SwiotlbSettings.defaults(1));
        VduseDomain vduse = new VduseDomain(it.host.physicalMemory(), VduseSettings.defaults());
        assertThat(bounce(swiotlb, memory)).isEqualTo(2 * 16 * PAGE);
        assertThat(bounce(vduse, memory)).isEqualTo(16 * PAGE);
        assertThat(swiotlb.pools()).hasSize(1);
        assertThat(swiotlb.pools().getFirst().total()).isEqualTo(64L << 20);
        assertThat(swiotlb.pools().getFirst().count()).isEqualTo(1);
    }

    private static long bounce(BouncePool pool, PhysicalAllocation memory) {
        BounceRequest request =
                BounceRequest.of(memory.address(0), memory.total(), DmaDirection.FROM_DEVICE);
        BounceResult.Bounced bounced = (BounceResult.Bounced) pool.map(request);
        assertThat(pool.unmap(bounced.address(), memory.total(), DmaDirection.FROM_DEVICE, false))
                .isEqualTo(BounceCheck.OK);
        return pool.statistics().bytesCopied();
    }

    /// F21: what a device reaches beyond what it was given: less than two granules for an element,
    /// nothing where the partial granules are bounced.
    @Test
    @Provokes(value = Finding.DEVICE_OUTSIDE_MAPPING, because = "counts what is reached beyond")
    void figureTwentyOneBytesReachableBeyondTheVector() {
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        memory.segment().fill((byte) 0x77);
        PhysicalVector worst = memory.part(PAGE - 1, 2);
        assertThat(exposed(device, worst)).isEqualTo(2 * (PAGE - 1));
        assertThat(exposed(device, memory.part(5, 2 * PAGE))).isEqualTo(PAGE);
        assertThat(exposed(device, memory)).isZero();
        TestDevice untrusted = it.translated(DmaHost.untrusted());
        assertThat(exposed(untrusted, worst)).isZero();
        assertThat(exposed(untrusted, memory.part(5, 2 * PAGE))).isZero();
    }

    /// Bytes of memory that can be reached and are not the vector's: the memory holds no zero, so
    /// zeros are padding.
    private long exposed(TestDevice reaching, PhysicalVector vector) {
        long reached = 0;
        try (DmaMapping mapping = reaching.map(vector, DmaDirection.TO_DEVICE)) {
            DmaSegment segment = mapping.segments().getFirst();
            long at = segment.address() & -PAGE;
            long end = (segment.address() + segment.length() + PAGE - 1) & -PAGE;
            RunList runs = new RunList();
            assertThat(reaching.memory().resolve(at, end - at, false, runs))
                    .isEqualTo(AccessResult.GRANTED);
            for (long i = 0; i < runs.total(); i++) {
                reached += runs.byteAt(i) == 0 ? 0 : 1;
            }
        }
        return reached - vector.total();
    }

    /// F22: [DmaPropertyTest] has it for everything; here one vector that all four can tell.
    @Test
    void figureTwentyTwoTheSameSegmentsForEveryStructure() {
        PhysicalAllocation memory = it.scattered(3 * PAGE);
        long[] pages = {memory.address(2), memory.address(0), memory.address(1)};
        PageVector vector = new PageVector(pages, PageSize.SIZE_4K, 0x321, 2 * PAGE);
        ScatterList list = ScatterList.of(vector);
        PhysicalRanges ranges =
                PhysicalRanges.of(
                        new PhysicalRange(pages[0] + 0x321, PAGE - 0x321),
                        new PhysicalRange(pages[1], PAGE),
                        new PhysicalRange(pages[2], 0x321));
        List<DmaSegment> expected = List.of();
        for (PhysicalVector structure : List.of(vector, list, new BioVector(list), ranges)) {
            try (DmaMapping mapping = device.map(structure, DmaDirection.TO_DEVICE)) {
                assertThat(mapping.segments()).hasSize(1);
                assertThat(expected.isEmpty() || expected.equals(mapping.segments())).isTrue();
                expected = mapping.segments();
            }
        }
    }
}
