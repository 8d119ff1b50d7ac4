package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A cache that forgets what was used longest ago.
class IommuTlbTest {

    private static final long PAGE = 4096;
    private static final long LARGE = 1L << 21;

    private static long entry(long physical, long size) {
        return PageTable.Entry.of(physical, size, true, true);
    }

    @Test
    void shouldForgetWhatWasUsedLongestAgo() {
        Iotlb iotlb = new Iotlb(2);
        iotlb.insert(PAGE, entry(10 * PAGE, PAGE));
        iotlb.insert(2 * PAGE, entry(20 * PAGE, PAGE));
        assertThat(iotlb.lookup(PAGE + 5)).isEqualTo(entry(10 * PAGE, PAGE));
        iotlb.insert(3 * PAGE, entry(30 * PAGE, PAGE));
        assertThat(iotlb.lookup(2 * PAGE)).isEqualTo(PageTable.Entry.NONE);
        assertThat(iotlb.lookup(PAGE)).isEqualTo(entry(10 * PAGE, PAGE));
        assertThat(iotlb.lookup(3 * PAGE)).isEqualTo(entry(30 * PAGE, PAGE));
    }

    @Test
    void shouldFindALargePageByAnyOfItsAddresses() {
        Iotlb iotlb = new Iotlb(8);
        iotlb.insert(LARGE + 7 * PAGE, entry(0, LARGE));
        iotlb.insert(5 * PAGE, entry(PAGE, PAGE));
        assertThat(iotlb.lookup(2 * LARGE - 1)).isEqualTo(entry(0, LARGE));
        assertThat(iotlb.lookup(2 * LARGE)).isEqualTo(PageTable.Entry.NONE);
        assertThat(iotlb.invalidate(LARGE + 3 * PAGE, LARGE + 4 * PAGE - 1)).isEqualTo(1);
        assertThat(iotlb.count()).isEqualTo(1);
    }

    @Test
    void shouldBehaveAsAListOfWhatWasUsed() {
        long seed = 20_261_122;
        SplittableRandom random = new SplittableRandom(seed);
        Iotlb iotlb = new Iotlb(16);
        Map<Long, Long> model = new LinkedHashMap<>(16, 0.75f, true);
        for (int i = 0; i < 100_000; i++) {
            long page = random.nextInt(40) * PAGE;
            int what = random.nextInt(100);
            if (what == 0) {
                assertThat(iotlb.invalidateAll()).isEqualTo(model.size());
                model.clear();
            } else if (what < 10) {
                long last = page + (1L + random.nextInt(20)) * PAGE - 1;
                int before = model.size();
                model.keySet().removeIf(each -> each >= page && each <= last);
                assertThat(iotlb.invalidate(page, last)).isEqualTo(before - model.size());
            } else {
                long found = model.getOrDefault(page, PageTable.Entry.NONE);
                assertThat(iotlb.lookup(page + 17))
                        .as("seed %d operation %d", seed, i)
                        .isEqualTo(found);
                if (found == PageTable.Entry.NONE) {
                    long entry = entry(i * PAGE, PAGE);
                    iotlb.insert(page, entry);
                    if (model.size() == 16) {
                        model.remove(model.keySet().iterator().next());
                    }
                    model.put(page, entry);
                }
            }
            assertThat(iotlb.count()).isEqualTo(model.size());
        }
    }
}
