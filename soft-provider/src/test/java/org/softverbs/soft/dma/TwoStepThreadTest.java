package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitized.Sanitized;

/// The systems that the threads on the two-step API name, linux-mm, March 2024 and March 2025.
class TwoStepThreadTest {

    private static final long PAGE = DmaHost.PAGE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final DmaHost it = new DmaHost();
    private final TestDevice iommu = it.translated(AdapterProperties.standard());

    private DmaDevice device(IoOutcome state) {
        return switch (state) {
            case DIRECT -> it.direct(AdapterProperties.standard());
            case IOVA_SINGLE, IOVA_WITH_BUS, IOVA_SPLIT -> iommu;
            case BOUNCE_SINGLE, BOUNCE_SEVERAL -> it.direct(DmaHost.forced());
        };
    }

    private PhysicalVector vector(IoOutcome state) {
        PhysicalAllocation pages = it.scattered(3 * PAGE);
        return switch (state) {
            case DIRECT, IOVA_SINGLE, BOUNCE_SEVERAL -> pages;
            case IOVA_WITH_BUS -> ScatterList.of(pages).add(it.busPeer.addBar(PAGE).range(0, PAGE));
            case BOUNCE_SINGLE -> it.contiguous(PAGE);
            case IOVA_SPLIT ->
                    new ScatterList()
                            .add(pages.address(0), 0, PAGE)
                            .add(pages.address(1), 0x200, 0x400)
                            .add(pages.address(2), 0, PAGE);
        };
    }

    @ParameterizedTest
    @EnumSource(IoOutcome.class)
    void shouldRememberNoMoreThanEachOfTheSixStatesNeeds(IoOutcome state) {
        PhysicalVector vector = vector(state);
        DmaDevice device = device(state);
        try (DmaMapping mapping = device.map(vector, BOTH)) {
            assertThat(mapping.outcome()).isEqualTo(state);
            assertThat(mapping.outcome().number())
                    .isEqualTo(List.of(1, 2, 3, 4, 5, 6).get(state.ordinal()));
            boolean isSingle =
                    switch (state) {
                        case IOVA_SINGLE, BOUNCE_SINGLE -> true;
                        case DIRECT, IOVA_WITH_BUS, BOUNCE_SEVERAL, IOVA_SPLIT -> false;
                    };
            assertThat(mapping.segments().size() == 1).isEqualTo(isSingle);
            assertThat(mapping.storedAddresses())
                    .isEqualTo(state == IoOutcome.BOUNCE_SEVERAL ? vector.count() : 0);
            boolean isTranslated = device.equals(iommu);
            assertThat(device.statistics().iovaAllocations()).isEqualTo(isTranslated ? 1 : 0);
        }
        it.assertAllFree();
    }

    @Test
    void shouldSummarizeARangeInOneLookAsDmaIoSummarizeRange() {
        PhysicalAllocation pages = it.scattered(8 * PAGE);
        int[] looks = new int[pages.count()];
        PhysicalVector counting =
                new PhysicalVector() {
                    @Override
                    public int count() {
                        return pages.count();
                    }

                    @Override
                    public long address(int index) {
                        looks[index]++;
                        return pages.address(index);
                    }

                    @Override
                    public long length(int index) {
                        return pages.length(index);
                    }
                };
        try (DmaTransaction begun = iommu.begin(counting, BOTH)) {
            assertThat(begun.summary().bytes()).isEqualTo(8 * PAGE);
            assertThat(begun.summary().paddedBytes()).isEqualTo(8 * PAGE);
            assertThat(begun.summary().aligned()).isTrue();
            begun.linkAll();
            begun.done().close();
        }
        // The sanitizer looks for itself.
        if (!Sanitized.isOn()) {
            assertThat(looks).containsOnly(1);
        }
    }

    @Test
    void shouldAllocateOneIovaForAnyMixAsDmaInitIo() {
        PhysicalAllocation pages = it.scattered(4 * PAGE);
        PhysicalAllocation secret = it.withFlag(PageFlag.PRIVATE, PAGE);
        ScatterList mix =
                new ScatterList()
                        .add(pages.address(0), 0x100, 0x200)
                        .add(it.busPeer.addBar(PAGE).range(0, PAGE))
                        .add(secret.range(0, PAGE))
                        .add(it.bridgePeer.addBar(PAGE).range(0, PAGE))
                        .add(pages.address(1), 0, PAGE);
        try (DmaTransaction begun = iommu.begin(mix, BOTH)) {
            assertThat(iommu.statistics().iovaAllocations()).isEqualTo(1);
            assertThat(begun.summary().busElements()).isEqualTo(1);
            assertThat(begun.summary().bouncedElements()).isEqualTo(1);
        }
        it.assertAllFree();
    }

    @Test
    void shouldCallNoAllocatorToLinkAPageAndFlushOnceWhenDone() {
        PhysicalAllocation pages = it.scattered(8 * PAGE);
        try (DmaTransaction begun = iommu.begin(pages, BOTH)) {
            DmaStatistics before = iommu.statistics();
            for (int i = 0; i < pages.count(); i++) {
                begun.link(i);
            }
            assertThat(iommu.statistics()).isEqualTo(before);
            begun.done().close();
            assertThat(iommu.statistics().since(before).iotlbSyncs()).isEqualTo(1);
            assertThat(iommu.statistics().since(before).iovaAllocations()).isZero();
        }
    }

    @Test
    void shouldNeedFewerSegmentsWithHugePages() {
        TestDevice direct = it.direct(AdapterProperties.standard());
        long length = 8L << 20;
        for (PageSize size : List.of(PageSize.SIZE_4K, PageSize.SIZE_2M)) {
            PhysicalAllocation memory =
                    it.host
                            .physicalMemory()
                            .allocate(PhysicalMemoryRequest.scattered(length).withPageSize(size));
            try (DmaMapping mapping = direct.map(memory, BOTH)) {
                assertThat(mapping.segments()).hasSize((int) (length / size.bytes()));
            }
        }
    }

    /// A block driver keeps no list of addresses: it has them in the list of the hardware.
    @ParameterizedTest
    @EnumSource(IoOutcome.class)
    void shouldUnmapFromTheHardwareSglOfABigEndianWqe(IoOutcome state) {
        DmaDevice device = device(state);
        PhysicalVector vector = vector(state);
        ScatterList list = ScatterList.of(vector);
        List<DmaSegment> mapped = device.raw().mapSg(list, BOTH);
        ByteBuffer wqe = ByteBuffer.allocate(mapped.size() * 16).order(ByteOrder.BIG_ENDIAN);
        mapped.forEach(segment -> wqe.putLong(segment.address()).putLong(segment.length()));
        wqe.flip();
        List<DmaSegment> read = new ArrayList<>();
        while (wqe.hasRemaining()) {
            read.add(new DmaSegment(AddressSpace.PHYSICAL, wqe.getLong(), wqe.getLong()));
        }
        device.raw().unmapSg(read, list.count(), BOTH);
        assertThat(device.statistics().unmaps()).isEqualTo(1);
        it.assertAllFree();
    }

    @Test
    void shouldUndoALoopOfMapPageWithAPeerThoughUnmapPageIsGivenNoPage() {
        ScatterList list =
                ScatterList.of(it.contiguous(PAGE)).add(it.busPeer.addBar(PAGE).range(0, PAGE));
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < list.count(); i++) {
            addresses.add(iommu.raw().mapPage(list.address(i), PAGE, BOTH));
        }
        assertThat(addresses).noneMatch(iommu.raw()::mappingError);
        assertThat(it.bridge.hasBusAddress(addresses.getFirst())).isFalse();
        assertThat(it.bridge.hasBusAddress(addresses.getLast())).isTrue();
        addresses.forEach(address -> iommu.raw().unmapPage(address, PAGE, BOTH));
        assertThat(iommu.statistics().unmaps()).isEqualTo(2);
        it.assertAllFree();
    }
}
