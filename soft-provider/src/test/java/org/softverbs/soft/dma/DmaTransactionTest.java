package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IoSummary;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.ScatterList;
import org.softverbs.verbs.VerbsException;

/// The two steps: look and allocate, link each, done.
class DmaTransactionTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();
    private final TestDevice device = it.translated(AdapterProperties.standard());

    private ScatterList mixed() {
        PhysicalAllocation pages = it.scattered(2 * PAGE);
        DmaHost.fill(pages.segment(), 1);
        return new ScatterList()
                .add(pages.range(0x200, PAGE - 0x200))
                .add(it.busPeer.addBar(PAGE).range(0, PAGE))
                .add(it.withFlag(PageFlag.PRIVATE, PAGE).range(0, PAGE))
                .add(pages.range(PAGE, 0x123));
    }

    @Test
    void shouldTellWhatItSawBeforeAnythingIsMapped() {
        try (DmaTransaction transaction = device.begin(mixed(), DmaDirection.TO_DEVICE)) {
            assertThat(transaction.summary())
                    .isEqualTo(new IoSummary(3 * PAGE - 0x200 + 0x123, 3 * PAGE, 4, 1, 1, true));
            assertThat(it.domain.statistics().bytesMapped()).isZero();
        }
        PhysicalAllocation page = it.contiguous(PAGE);
        ScatterList gap = new ScatterList().add(page.range(0, 8)).add(page.range(100, 8));
        try (DmaTransaction transaction = device.begin(gap, DmaDirection.TO_DEVICE)) {
            assertThat(transaction.summary())
                    .isEqualTo(new IoSummary(16, 2 * PAGE, 2, 0, 0, false));
        }
        try (DmaTransaction transaction =
                it.direct(DmaHost.forced()).begin(gap, DmaDirection.TO_DEVICE)) {
            assertThat(transaction.summary()).isEqualTo(new IoSummary(16, 0, 2, 0, 2, true));
        }
        it.assertAllFree();
    }

    @Test
    void shouldAllocateInBeginOnlyAndSyncInDoneOnly() {
        ScatterList list = mixed();
        DmaTransaction transaction = device.begin(list, DmaDirection.TO_DEVICE);
        assertThat(it.allocator.statistics().allocations()).isEqualTo(1);
        for (int i = 0; i < list.count(); i++) {
            transaction.link(i);
        }
        assertThat(it.allocator.statistics().allocations()).isEqualTo(1);
        assertThat(it.domain.statistics().syncMaps()).isZero();
        DmaMapping mapping = transaction.done();
        assertThat(it.domain.statistics().syncMaps()).isEqualTo(1);
        assertThat(device.statistics().maps()).isEqualTo(1);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        transaction.close();
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        mapping.close();
        it.assertAllFree();
    }

    @Test
    void shouldGiveTheSameInAnyOrderOfLinking() {
        ScatterList list = mixed();
        List<DmaSegment> expected;
        try (DmaMapping mapping = device.map(list, DmaDirection.TO_DEVICE)) {
            expected = mapping.segments();
        }
        DmaTransaction transaction = device.begin(list, DmaDirection.TO_DEVICE);
        transaction.link(3);
        transaction.link(1);
        transaction.linkAll();
        List<DmaSegment> told = new ArrayList<>();
        DmaMapping mapping = transaction.done();
        mapping.forEachSegment(
                (space, address, length) -> told.add(new DmaSegment(space, address, length)));
        assertThat(told).isEqualTo(expected).isEqualTo(mapping.segments());
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        mapping.close();
    }

    @Test
    void shouldUndoWhatWasLinkedWhenItIsClosedEarly() {
        for (int linked = 0; linked <= 4; linked++) {
            DmaTransaction transaction = device.begin(mixed(), DmaDirection.FROM_DEVICE);
            for (int i = 0; i < linked; i++) {
                transaction.link(i);
            }
            transaction.close();
            transaction.close();
            it.assertAllFree();
        }
        assertThat(device.statistics().maps()).isZero();
        assertThat(device.statistics().iovaFrees()).isEqualTo(5);
        assertThat(it.pool.statistics().bytesCopiedOut()).isZero();
    }

    @Test
    void shouldRefuseStepsOutOfOrder() {
        PhysicalAllocation pages = it.scattered(2 * PAGE);
        DmaTransaction transaction = device.begin(pages, DmaDirection.TO_DEVICE);
        transaction.link(0);
        assertThatThrownBy(() -> transaction.link(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("element 0 is linked already");
        assertThatThrownBy(transaction::done)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("element 1 is not linked");
        assertThatThrownBy(() -> transaction.link(2)).isInstanceOf(IndexOutOfBoundsException.class);
        transaction.linkAll();
        DmaMapping mapping = transaction.done();
        assertThatThrownBy(transaction::done)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the transaction is done");
        assertThatThrownBy(() -> transaction.link(1)).isInstanceOf(IllegalStateException.class);
        mapping.close();
        DmaTransaction closed = device.begin(pages, DmaDirection.TO_DEVICE);
        closed.close();
        assertThatThrownBy(closed::linkAll)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the transaction is closed");
    }

    /// A link that finds no buffer leaves its element as it was: it works when there is one again.
    @Test
    void shouldLinkAgainWhatWasRefused() {
        TestDevice forced = it.translated(DmaHost.forced());
        List<DmaMapping> full = new ArrayList<>();
        PhysicalAllocation large = it.contiguous(256 << 10);
        for (int i = 0; i < 16; i++) {
            full.add(forced.map(large, DmaDirection.TO_DEVICE));
        }
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaTransaction transaction = forced.begin(page, DmaDirection.TO_DEVICE);
        assertThatThrownBy(() -> transaction.link(0)).isInstanceOf(VerbsException.class);
        full.removeLast().close();
        transaction.link(0);
        transaction.done().close();
        full.forEach(DmaMapping::close);
        it.assertAllFree();
    }

    /// Physical neighbours are mapped with the largest pages, though they are linked one by one.
    @Test
    void shouldUseLargePagesForNeighboursThatAreLinkedOneByOne() {
        PhysicalAllocation large =
                it.host
                        .physicalMemory()
                        .allocate(
                                PhysicalMemoryRequest.contiguous(2 << 20)
                                        .withPageSize(PageSize.SIZE_2M));
        ScatterList list = new ScatterList();
        for (long at = 0; at < 2 << 20; at += PAGE) {
            list.add(large.range(at, PAGE));
        }
        DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE);
        assertThat(it.domain.statistics().maps()).isEqualTo(1);
        DmaHost.read(device.memory(), mapping);
        assertThat(it.domain.statistics().iotlbMisses()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAVectorOfNothing() {
        assertThatThrownBy(() -> device.begin(PhysicalRanges.of(), DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("the vector has no element");
        assertThat(device.statistics().iovaAllocations()).isZero();
    }

    /// Only the holes of a boundary's padding are kept, and they are not unmapped twice.
    @Test
    void shouldUnmapAroundThePaddingOfABoundary() {
        TestDevice narrow =
                it.translated(
                        AdapterProperties.standard()
                                .withLimits(new DmaLimits((1L << 48) - 1, 0xffff, 1L << 31)));
        ScatterList list = new ScatterList();
        for (int i = 0; i < 30; i++) {
            PhysicalAllocation run = it.contiguous(11 * PAGE);
            list.add(run.range(0, 11 * PAGE));
        }
        narrow.mapSg(list, DmaDirection.TO_DEVICE).close();
        it.assertAllFree();
    }
}
