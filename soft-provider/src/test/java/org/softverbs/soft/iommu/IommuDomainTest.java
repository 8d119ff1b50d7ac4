package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;

/// A device reaches what is mapped, in the way it is mapped, and nothing else.
class IommuDomainTest {

    private static final long PAGE = 1L << 12;
    private static final long M2 = 1L << 21;
    private static final long G1 = 1L << 30;
    private static final long IOVA = 7 * G1;
    private static final long MEMORY = 3 * G1;

    private final IommuDomain domain = domain(PageSizes.standard());
    private final List<PhysicalRange> found = new ArrayList<>();

    private static IommuDomain domain(PageSizes sizes) {
        return new IommuDomain(
                sizes,
                FlushPolicy.STRICT,
                new TreeIovaAllocator(sizes.granule(), 1),
                64,
                Cpus.one());
    }

    private MapResult map(long iova, long physical, long length) {
        return domain.map(iova, new PhysicalRange(physical, length), true, true);
    }

    private TranslationResult read(long iova, long length) {
        found.clear();
        return domain.translate(
                iova, length, false, (at, bytes) -> found.add(new PhysicalRange(at, bytes)));
    }

    private static PhysicalRange range(long physical, long length) {
        return new PhysicalRange(physical, length);
    }

    @Test
    void shouldTranslateEveryByteOfWhatIsMapped() {
        assertThat(map(IOVA, MEMORY, 3 * PAGE)).isEqualTo(MapResult.MAPPED);
        assertThat(read(IOVA + 5, 2 * PAGE)).isEqualTo(TranslationResult.MAPPED);
        assertThat(found).containsExactly(range(MEMORY + 5, 2 * PAGE));
        assertThat(read(IOVA + 3 * PAGE - 1, 1)).isEqualTo(TranslationResult.MAPPED);
        assertThat(read(IOVA + 3 * PAGE - 1, 2)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(read(IOVA - 1, 1)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(read(-PAGE, 1)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(read(IOVA, Long.MAX_VALUE)).isEqualTo(TranslationResult.NOT_MAPPED);
    }

    @Test
    void shouldUseTheLargestPages() {
        assertThat(map(G1 - M2 - PAGE, 2 * G1 - M2 - PAGE, G1 + 2 * M2 + 2 * PAGE))
                .isEqualTo(MapResult.MAPPED);
        IotlbGather gather = IotlbGather.queued();
        assertThat(domain.unmap(G1 - M2, PAGE, gather)).as("part of 2 MiB").isZero();
        assertThat(domain.unmap(G1, M2, gather)).as("part of 1 GiB").isZero();
        assertThat(domain.unmap(G1, G1, gather)).isEqualTo(G1);
        assertThat(domain.unmap(G1 - M2 - PAGE, M2 + PAGE, gather)).isEqualTo(M2 + PAGE);
        assertThat(domain.unmap(2 * G1, M2, gather)).isEqualTo(M2);
        assertThat(domain.unmap(2 * G1 + M2, PAGE, gather)).isEqualTo(PAGE);
        assertThat(domain.statistics().bytesMapped()).isZero();
    }

    @Test
    void shouldRefuseWhatTheMappingDoesNotAllow() {
        domain.map(IOVA, range(MEMORY, PAGE), true, false);
        domain.map(IOVA + PAGE, range(MEMORY + PAGE, PAGE), false, true);
        assertThat(read(IOVA, PAGE)).isEqualTo(TranslationResult.MAPPED);
        assertThat(read(IOVA, PAGE + 1)).isEqualTo(TranslationResult.READ_REFUSED);
        assertThat(domain.translate(IOVA + PAGE, 1, true, (at, bytes) -> {}))
                .isEqualTo(TranslationResult.MAPPED);
        assertThat(domain.translate(IOVA, 1, true, (at, bytes) -> {}))
                .isEqualTo(TranslationResult.WRITE_REFUSED);
    }

    @Test
    void shouldNeverOverwriteAndUndoWhatItBegan() {
        map(IOVA + M2 + PAGE, MEMORY, PAGE);
        assertThat(map(IOVA + M2 - PAGE, MEMORY + M2 - PAGE, M2 + PAGE))
                .isEqualTo(MapResult.OCCUPIED);
        assertThat(map(IOVA + M2, MEMORY, 2 * PAGE)).isEqualTo(MapResult.OCCUPIED);
        assertThat(domain.statistics().bytesMapped()).isEqualTo(PAGE);
        assertThat(domain.statistics().maps()).isEqualTo(1);
        assertThat(read(IOVA + M2 - PAGE, 1)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(read(IOVA + M2 + PAGE, 1)).isEqualTo(TranslationResult.MAPPED);
        assertThat(found).containsExactly(range(MEMORY, 1));
        domain.unmap(IOVA + M2 + PAGE, PAGE, IotlbGather.queued());
        assertThat(map(IOVA, MEMORY, 2 * M2)).as("over empty tables").isEqualTo(MapResult.MAPPED);
        assertThat(map(IOVA + 5 * PAGE, MEMORY, PAGE)).isEqualTo(MapResult.OCCUPIED);
    }

    @Test
    void shouldRefuseWhatIsNoWholePage() {
        assertThat(map(IOVA + 1, MEMORY, PAGE)).isEqualTo(MapResult.MISALIGNED);
        assertThat(map(IOVA, MEMORY + 512, PAGE)).isEqualTo(MapResult.MISALIGNED);
        assertThat(map(IOVA, MEMORY, PAGE + 1)).isEqualTo(MapResult.MISALIGNED);
        assertThat(domain.map(IOVA, MEMORY, 0, true, true)).isEqualTo(MapResult.MISALIGNED);
        assertThat(map((1L << 48) - PAGE, MEMORY, PAGE)).isEqualTo(MapResult.MAPPED);
        assertThat(map(1L << 48, MEMORY, PAGE)).isEqualTo(MapResult.OUT_OF_RANGE);
        assertThat(map(-PAGE, MEMORY, PAGE)).isEqualTo(MapResult.OUT_OF_RANGE);
        assertThat(domain.map(IOVA, -PAGE, PAGE, true, true)).isEqualTo(MapResult.OUT_OF_RANGE);
    }

    @Test
    void shouldJoinNeighboursAndTellTheIommuOnce() {
        PhysicalRanges ranges =
                PhysicalRanges.of(
                        range(MEMORY, PAGE),
                        range(MEMORY + PAGE, M2 - PAGE),
                        range(MEMORY + 5 * M2, PAGE));
        assertThat(domain.mapRanges(IOVA, ranges, true, true)).isEqualTo(MapResult.MAPPED);
        assertThat(domain.statistics().maps()).isEqualTo(2);
        assertThat(domain.statistics().syncMaps()).isEqualTo(1);
        assertThat(read(IOVA, M2 + PAGE)).isEqualTo(TranslationResult.MAPPED);
        assertThat(found).containsExactly(range(MEMORY, M2), range(MEMORY + 5 * M2, PAGE));
        assertThat(domain.statistics().iotlbMisses()).as("one page of 2 MiB").isEqualTo(2);
    }

    @Test
    void shouldUndoAllRangesWhenOneFails() {
        map(IOVA + 2 * PAGE, MEMORY, PAGE);
        PhysicalRanges ranges =
                PhysicalRanges.of(
                        range(MEMORY, PAGE), range(MEMORY + 4 * PAGE, PAGE), range(MEMORY, PAGE));
        assertThat(domain.mapRanges(IOVA, ranges, true, true)).isEqualTo(MapResult.OCCUPIED);
        assertThat(domain.statistics().bytesMapped()).isEqualTo(PAGE);
        assertThat(read(IOVA, 1)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(domain.mapRanges(IOVA, PhysicalRanges.of(), true, true))
                .isEqualTo(MapResult.MISALIGNED);
    }

    @Test
    void shouldKeepReservedWindowsFree() {
        domain.reserve(0xe000_0000L, 0xefff_ffffL);
        domain.reserve(0xf000_0000L, 0xffff_ffffL);
        domain.reserve(0xd000_1000L, 0xd000_1001L);
        assertThat(map(0xe000_0000L - PAGE, MEMORY, 2 * PAGE)).isEqualTo(MapResult.RESERVED);
        assertThat(map(0xffff_f000L, MEMORY, PAGE)).isEqualTo(MapResult.RESERVED);
        assertThat(map(0xe000_0000L - PAGE, MEMORY, PAGE)).isEqualTo(MapResult.MAPPED);
        assertThat(domain.isReserved(0xd000_1fffL)).isTrue();
        assertThat(domain.isReserved(0xd000_2000L)).isFalse();
        assertThat(domain.isReserved(0xd000_0fffL)).isFalse();
        assertThatThrownBy(() -> domain.reserve(5, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldGatherNeighboursOfOneSizeAndSendTheRestFirst() {
        map(IOVA, MEMORY, 8 * PAGE);
        map(IOVA + M2, MEMORY, M2);
        IotlbGather gather = IotlbGather.strict();
        domain.unmap(IOVA, 2 * PAGE, gather);
        domain.unmap(IOVA + 2 * PAGE, 2 * PAGE, gather);
        assertThat(domain.statistics().iotlbFlushes()).as("joined").isZero();
        assertThat(gather.first()).isEqualTo(IOVA);
        assertThat(gather.last()).isEqualTo(IOVA + 4 * PAGE - 1);
        domain.unmap(IOVA + 5 * PAGE, PAGE, gather);
        assertThat(domain.statistics().iotlbFlushes()).as("a gap").isEqualTo(1);
        domain.unmap(IOVA + 4 * PAGE, PAGE, gather);
        assertThat(domain.statistics().iotlbFlushes()).as("joined below").isEqualTo(1);
        domain.unmap(IOVA + M2, M2, gather);
        assertThat(domain.statistics().iotlbFlushes()).as("another size").isEqualTo(2);
        domain.sync(gather);
        domain.sync(gather);
        assertThat(domain.statistics().iotlbFlushes()).isEqualTo(3);
        assertThat(domain.statistics().unmaps()).isEqualTo(5);
    }

    @Test
    void shouldKnowPageSizesThatFillSeveralEntries() {
        IommuDomain arm = domain(new PageSizes((1L << 12) | (1L << 16) | M2));
        long size = 1L << 16;
        arm.map(3 * size, 9 * size, size + PAGE, true, true);
        found.clear();
        assertThat(arm.translate(3 * size + 5, size, false, (at, n) -> found.add(range(at, n))))
                .isEqualTo(TranslationResult.MAPPED);
        assertThat(found).containsExactly(range(9 * size + 5, size));
        assertThat(arm.statistics().iotlbMisses()).isEqualTo(2);
        assertThat(arm.unmap(3 * size, PAGE, IotlbGather.queued())).isZero();
        assertThat(arm.unmap(3 * size, size + PAGE, IotlbGather.queued())).isEqualTo(size + PAGE);
    }

    @Test
    void shouldAllocateNothingToTranslate() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        map(IOVA, MEMORY, 200 * PAGE);
        long[] bytes = new long[1];
        TranslationSink sink = (at, length) -> bytes[0] += length;
        long least = Long.MAX_VALUE;
        // A compilation may allocate a little on its own account: one clean round is proof.
        for (int round = 0; round < 30 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                domain.translate(IOVA + (i % 190) * PAGE + 7, 3 * PAGE, false, sink);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
        assertThat(domain.statistics().iotlbMisses()).as("more pages than entries").isPositive();
        assertThat(bytes[0]).isPositive();
    }

    @Test
    void shouldReachExactlyWhatIsMapped() {
        long seed = 20_261_123;
        SplittableRandom random = new SplittableRandom(seed);
        IommuDomain small = domain(new PageSizes((1L << 12) | (1L << 14) | M2));
        TreeMap<Long, Long> model = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            long iova = (1L + random.nextInt(2000)) * PAGE;
            long physical = random.nextBoolean() ? iova + M2 : random.nextInt(5000) * PAGE;
            long pages = 1L + random.nextInt(1 << random.nextInt(10));
            String what = "seed %d operation %d".formatted(seed, i);
            boolean free = model.subMap(iova, iova + pages * PAGE).isEmpty();
            assertThat(small.map(iova, physical, pages * PAGE, true, true))
                    .as(what)
                    .isEqualTo(free ? MapResult.MAPPED : MapResult.OCCUPIED);
            for (long page = 0; free && page < pages; page++) {
                model.put(iova + page * PAGE, physical + page * PAGE);
            }
            Map.Entry<Long, Long> some = model.ceilingEntry(random.nextInt(2000) * PAGE);
            if (some != null) {
                IotlbGather gather = IotlbGather.strict();
                long gone = small.unmap(some.getKey(), 64 * PAGE, gather);
                small.sync(gather);
                model.subMap(some.getKey(), some.getKey() + gone).clear();
            }
            long probe = random.nextInt(3000) * PAGE;
            found.clear();
            TranslationResult result =
                    small.translate(probe + 9, 1, true, (at, n) -> found.add(range(at, n)));
            Long expected = model.get(probe);
            if (expected == null) {
                assertThat(result).as(what).isEqualTo(TranslationResult.NOT_MAPPED);
            } else {
                assertThat(result).as(what).isEqualTo(TranslationResult.MAPPED);
                assertThat(found).as(what).containsExactly(range(expected + 9, 1));
            }
            assertThat(small.statistics().bytesMapped()).isEqualTo(model.size() * PAGE);
        }
    }
}
