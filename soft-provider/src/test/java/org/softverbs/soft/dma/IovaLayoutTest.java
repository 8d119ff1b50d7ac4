package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;

/// The vectors of `dma_map_sg` over an IOMMU, and what holds for all of them.
class IovaLayoutTest {

    private static final long K = 1024;
    private static final long PAGE = 4 * K;
    private static final long BASE = 0x1000_0000L;
    private static final long PCI_BOUNDARY = (1L << 32) - 1;
    private static final long HUGE = 1L << 31;

    private final List<DmaSegment> segments = new ArrayList<>();

    private static IovaLayout layout(long boundary, long maxSegment) {
        IovaLayout layout = new IovaLayout(PAGE, boundary, maxSegment, true);
        layout.begin();
        return layout;
    }

    /// Adds pages of which no two are neighbours.
    private static void addPages(IovaLayout layout, int pages) {
        for (int i = 0; i < pages; i++) {
            layout.add(0x1_0000_0000L + 2L * layout.count() * PAGE, PAGE);
        }
    }

    private void emit(IovaLayout layout) {
        int count =
                layout.emit(
                        BASE,
                        (space, address, length) ->
                                segments.add(new DmaSegment(space, address, length)));
        assertThat(count).isEqualTo(segments.size());
    }

    private static DmaSegment iova(long offset, long length) {
        return new DmaSegment(AddressSpace.IOVA, BASE + offset, length);
    }

    @Test
    void shouldPutAPeerBetweenTwoSegmentsThatAreNeighboursInIova() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        addPages(layout, 3);
        layout.addBus(0x1000_0000_0000L, PAGE);
        addPages(layout, 4);
        assertThat(layout.iovaLength()).isEqualTo(0x7000);
        emit(layout);
        assertThat(segments)
                .containsExactly(
                        iova(0, 0x3000),
                        new DmaSegment(AddressSpace.BUS, 0x1000_0000_0000L, PAGE),
                        iova(0x3000, 0x4000));
    }

    @Test
    void shouldMakeOneSegmentOfScatteredPages() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        addPages(layout, 8);
        assertThat(layout.iovaLength()).isEqualTo(0x8000);
        emit(layout);
        assertThat(segments).containsExactly(iova(0, 0x8000));
    }

    @Test
    void shouldSplitWherePaddingLiesInside() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        layout.add(0x10000, PAGE);
        layout.add(0x20200, 0x400);
        layout.add(0x30000, PAGE);
        assertThat(layout.iovaLength()).isEqualTo(0x3000);
        emit(layout);
        assertThat(segments)
                .containsExactly(iova(0, 0x1000), iova(0x1200, 0x400), iova(0x2000, 0x1000));
    }

    @Test
    void shouldLeaveTheFirstOffsetAndTheLastEndFree() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        layout.add(0x1800, 0x800);
        layout.add(0x5000, 0x1000);
        layout.add(0x9000, 0x123);
        assertThat(layout.iovaLength()).isEqualTo(0x3000);
        emit(layout);
        assertThat(segments).containsExactly(iova(0x800, 0x1923));
    }

    @Test
    void shouldEndSegmentsAtTheLongestThatTheDeviceTakes() {
        IovaLayout layout = layout(PCI_BOUNDARY, 64 * K);
        addPages(layout, 32);
        assertThat(layout.iovaLength()).isEqualTo(0x20000);
        emit(layout);
        assertThat(segments).containsExactly(iova(0, 64 * K), iova(64 * K, 64 * K));
    }

    @Test
    void shouldPadSoThatAnElementDoesNotCrossTheBoundary() {
        IovaLayout layout = layout(64 * K - 1, HUGE);
        addPages(layout, 10);
        layout.add(0x2_0000_0000L, 64 * K);
        assertThat(layout.iovaLength()).isEqualTo(0x20000);
        emit(layout);
        assertThat(segments).containsExactly(iova(0, 0xa000), iova(0x10000, 0x10000));
    }

    @Test
    void shouldTakeOneRangeForAGigabyteWithAPeerInTheMiddle() {
        for (long maxSegment : new long[] {HUGE, 64 * K}) {
            IovaLayout layout = layout(PCI_BOUNDARY, maxSegment);
            addPages(layout, 131_071);
            layout.addBus(0x1000_0000_0000L, PAGE);
            addPages(layout, 131_072);
            assertThat(layout.iovaLength()).isEqualTo(0x3fff_f000L);
            segments.clear();
            emit(layout);
            assertThat(segments).hasSize(maxSegment == HUGE ? 3 : 16_385);
        }
    }

    @Test
    void shouldTakeNoIovaForPeersAlone() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        layout.addBus(0x1000_0000_0000L, PAGE);
        layout.addBus(0x1000_0000_1000L, PAGE);
        layout.addBus(0x1000_0000_3000L, PAGE);
        assertThat(layout.iovaLength()).isZero();
        emit(layout);
        assertThat(segments)
                .containsExactly(
                        new DmaSegment(AddressSpace.BUS, 0x1000_0000_0000L, 2 * PAGE),
                        new DmaSegment(AddressSpace.BUS, 0x1000_0000_3000L, PAGE));
    }

    @Test
    void shouldJoinPhysicalNeighboursThatMeetInsideAGranule() {
        IovaLayout layout = layout(PCI_BOUNDARY, HUGE);
        layout.add(0x1000, 0x800);
        layout.add(0x1800, 0x900);
        layout.add(0x2100, 0xf00);
        assertThat(layout.iovaLength()).isEqualTo(0x2000);
        emit(layout);
        assertThat(segments).containsExactly(iova(0, 0x2000));
    }

    @Test
    void shouldCutARunThatIsLongerThanAnySegment() {
        IovaLayout layout = layout(PCI_BOUNDARY, 64 * K);
        layout.add(0x1_0000_0000L, 150 * K);
        emit(layout);
        assertThat(segments)
                .containsExactly(iova(0, 64 * K), iova(64 * K, 64 * K), iova(128 * K, 22 * K));
    }

    /// Order, sum of lengths, boundary and longest segment hold for whatever comes.
    @Test
    void shouldKeepItsPromisesForAnyElements() {
        long seed = 7;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            long boundary = ((64 * K) << random.nextInt(3)) - 1;
            long maxSegment = (16 * K) << random.nextInt(5);
            IovaLayout layout = layout(boundary, maxSegment);
            long total = 0;
            long next = 0x1_0000_0000L;
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                long length = random.nextLong(1, random.nextBoolean() ? 100 : 20 * K);
                boolean bus = random.nextInt(5) == 0;
                next += random.nextInt(3) == 0 ? 0 : random.nextLong(1, 3 * PAGE);
                if (bus) {
                    layout.addBus(next, length);
                } else {
                    layout.add(next, length);
                }
                next += length;
                total += length;
            }
            segments.clear();
            emit(layout);
            String name = "seed " + seed + " round " + round;
            assertThat(segments.stream().mapToLong(DmaSegment::length).sum())
                    .as(name)
                    .isEqualTo(total);
            long end = 0;
            for (DmaSegment segment : segments) {
                if (segment.space() == AddressSpace.BUS) {
                    continue;
                }
                long last = segment.address() + segment.length() - 1;
                assertThat(segment.address()).as(name).isGreaterThanOrEqualTo(end);
                assertThat(segment.address() & ~boundary).as(name).isEqualTo(last & ~boundary);
                assertThat(segment.length()).as(name).isLessThanOrEqualTo(maxSegment);
                assertThat(last).as(name).isLessThan(BASE + layout.iovaLength());
                end = last + 1;
            }
        }
    }
}
