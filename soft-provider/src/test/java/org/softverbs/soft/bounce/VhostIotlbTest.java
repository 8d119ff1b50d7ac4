package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PhysicalRange;

/// Maps are found, cut nowhere, and retired as `drivers/vhost/iotlb.c` does it.
class VhostIotlbTest {

    private static final long MAX = -1L;
    private static final IotlbPermission BOTH = IotlbPermission.READ_WRITE;

    private final VhostIotlb iotlb = new VhostIotlb(0, false);

    private static List<Long> starts(VhostIotlb iotlb, long start, long last) {
        List<Long> starts = new ArrayList<>();
        Optional<IotlbMap> map = iotlb.first(start, last);
        while (map.isPresent()) {
            starts.add(map.get().start());
            map = iotlb.next(map.get(), start, last);
        }
        return starts;
    }

    @Test
    void shouldRefuseAStartBehindTheLast() {
        assertThat(iotlb.add(5, 4, 0, BOTH)).isFalse();
        assertThat(iotlb.add(MAX, 4, 0, BOTH)).as("unsigned").isFalse();
        assertThat(iotlb.size()).isZero();
        assertThat(iotlb.add(5, 5, 0, BOTH)).isTrue();
        assertThat(iotlb.add(4, MAX, 0, BOTH)).isTrue();
    }

    @Test
    void shouldSplitAllAddressesInTwo() {
        assertThat(iotlb.add(0, MAX, 0x1000, BOTH)).isTrue();
        assertThat(iotlb.size()).isEqualTo(2);
        IotlbMap low = iotlb.first(0, 0).orElseThrow();
        IotlbMap high = iotlb.first(MAX, MAX).orElseThrow();
        assertThat(low.last()).isEqualTo(Long.MAX_VALUE);
        assertThat(high.start()).isEqualTo(Long.MIN_VALUE);
        assertThat(high.last()).isEqualTo(MAX);
        assertThat(high.address()).isEqualTo(Long.MIN_VALUE + 0x1000);
    }

    @Test
    void shouldRetireTheOldest() {
        VhostIotlb limited = new VhostIotlb(3, true);
        for (long start : new long[] {50, 10, 30, 20}) {
            limited.add(start, start + 5, 0, BOTH);
        }
        assertThat(starts(limited, 0, MAX)).containsExactly(10L, 20L, 30L);
        limited.add(40, 45, 0, BOTH);
        assertThat(starts(limited, 0, MAX)).containsExactly(20L, 30L, 40L);
    }

    @Test
    void shouldNotMindALimitWithoutRetirement() {
        VhostIotlb limited = new VhostIotlb(1, false);
        limited.add(10, 15, 0, BOTH);
        limited.add(20, 25, 0, BOTH);
        assertThat(limited.size()).isEqualTo(2);
    }

    @Test
    void shouldDeleteAllOfEveryMapThatOverlaps() {
        iotlb.add(0, 99, 0, BOTH);
        iotlb.add(100, 199, 0, BOTH);
        iotlb.add(200, 299, 0, BOTH);
        iotlb.deleteRange(150, 200);
        assertThat(starts(iotlb, 0, MAX)).containsExactly(0L);
        IotlbMap map = iotlb.first(0, MAX).orElseThrow();
        assertThat(map.last()).isEqualTo(99);
        assertThat(iotlb.remove(map)).isTrue();
        assertThat(iotlb.remove(map)).isFalse();
        assertThat(iotlb.next(map, 0, MAX)).isEmpty();
    }

    @Test
    void shouldFindWhatOverlapsInTheOrderOfStarts() {
        iotlb.add(40, 49, 4, BOTH);
        iotlb.add(0, 100, 1, BOTH);
        iotlb.add(10, 19, 2, BOTH);
        iotlb.add(60, 69, 5, BOTH);
        assertThat(starts(iotlb, 15, 45)).containsExactly(0L, 10L, 40L);
        assertThat(iotlb.first(42, 42).orElseThrow().address()).as("lowest start").isEqualTo(1);
        assertThat(iotlb.first(101, MAX)).isEmpty();
    }

    @Test
    void shouldTranslateThroughSeveralMapsAndMindPermissions() {
        iotlb.add(0x1000, 0x1fff, 0x50000, BOTH);
        iotlb.add(0x2000, 0x2fff, 0x90000, IotlbPermission.READ_ONLY);
        assertThat(iotlb.translate(0x1f00, 0x200, IotlbPermission.READ_ONLY).orElseThrow())
                .containsExactly(
                        new PhysicalRange(0x50f00, 0x100), new PhysicalRange(0x90000, 0x100));
        assertThat(iotlb.lookups()).isEqualTo(2);
        assertThat(iotlb.translate(0x1f00, 0x200, IotlbPermission.WRITE_ONLY)).isEmpty();
        assertThat(iotlb.translate(0x1f00, 0x100, IotlbPermission.WRITE_ONLY)).isPresent();
        assertThat(iotlb.translate(0xfff, 2, IotlbPermission.READ_ONLY)).isEmpty();
        assertThat(iotlb.translate(0x2fff, 2, IotlbPermission.READ_ONLY)).isEmpty();
        assertThat(IotlbPermission.READ_WRITE.bits()).isEqualTo(3);
    }

    @Test
    void shouldAnswerAsAPlainListDoes() {
        long seed = 20_261_123;
        SplittableRandom random = new SplittableRandom(seed);
        IntervalTree tree = new IntervalTree();
        List<IotlbMap> list = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            String where = "seed " + seed + " step " + step;
            int room = step / 4000 % 2 == 0 ? 65 : 35;
            if (list.isEmpty() || random.nextInt(100) < room) {
                long start = random.nextLong() >>> random.nextInt(60);
                long last = start + (random.nextLong() >>> (20 + random.nextInt(40)));
                if (Long.compareUnsigned(start, last) > 0) {
                    continue;
                }
                IotlbMap map = new IotlbMap(start, last, step, BOTH);
                tree.insert(map);
                list.add(map);
            } else {
                tree.remove(list.remove(random.nextInt(list.size())));
            }
            if (step % 50 == 0) {
                compare(tree, list, random, where);
                int most = 2 * (65 - Long.numberOfLeadingZeros(list.size() + 1L));
                assertThat(tree.checkedHeight()).as(where).isLessThanOrEqualTo(most);
            }
        }
    }

    private static void compare(
            IntervalTree tree, List<IotlbMap> list, SplittableRandom random, String where) {
        long start = random.nextLong() >>> random.nextInt(60);
        long last = Math.max(start, start + random.nextLong(1L << 30));
        List<Long> expected =
                list.stream()
                        .filter(map -> map.startsAtOrBelow(last) && map.endsAtOrAbove(start))
                        .map(IotlbMap::start)
                        .sorted(Comparator.comparingLong(value -> value + Long.MIN_VALUE))
                        .toList();
        List<Long> found = new ArrayList<>();
        Optional<IotlbMap> map = tree.first(start, last);
        while (map.isPresent()) {
            found.add(map.get().start());
            map = tree.next(map.get(), start, last);
        }
        assertThat(found).as(where).isEqualTo(expected);
    }
}
