package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;

/// How long a device can use what was unmapped.
class IommuFlushTest {

    private static final long PAGE = 4096;
    private static final long MEMORY = 1L << 30;
    private static final long LAST_LOW = (1L << 32) - 1;
    private static final long MILLISECOND = 1_000_000;
    private static final int RING = 255;

    private int cpu;
    private long now = Long.MAX_VALUE - 5 * MILLISECOND;

    private final CachedIovaAllocator allocator =
            new CachedIovaAllocator(new TreeIovaAllocator(PAGE, 1), new Cpus(2, () -> cpu));
    private final IovaPolicy policy = new IovaPolicy(allocator, PAGE, LowAddresses.ALWAYS_FIRST);

    private IommuDomain domain(FlushPolicy flushPolicy) {
        return new IommuDomain(
                PageSizes.standard(), flushPolicy, allocator, 64, new Cpus(2, () -> cpu));
    }

    private long map(IommuDomain domain) {
        long iova = policy.allocate(PAGE, LAST_LOW);
        assertThat(domain.map(iova, MEMORY, PAGE, true, true)).isEqualTo(MapResult.MAPPED);
        return iova;
    }

    private static TranslationResult use(IommuDomain domain, long iova) {
        return domain.translate(iova, 8, true, (at, length) -> {});
    }

    private void cycle(IommuDomain domain, int times) {
        for (int i = 0; i < times; i++) {
            long iova = map(domain);
            use(domain, iova);
            assertThat(domain.release(iova, PAGE, now)).isEqualTo(PAGE);
        }
    }

    @Test
    void shouldNeverTranslateWhatWasUnmappedStrictly() {
        IommuDomain domain = domain(FlushPolicy.STRICT);
        long iova = map(domain);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.MAPPED);
        domain.release(iova, PAGE, now);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(policy.allocate(PAGE, LAST_LOW)).isEqualTo(iova);
    }

    @Test
    void shouldTranslateWhatIsStaleUntilTheTimer() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        long iova = map(domain);
        use(domain, iova);
        domain.release(iova, PAGE, now);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.STALE);
        assertThat(policy.allocate(PAGE, LAST_LOW)).as("not reused").isNotEqualTo(iova);
        assertThat(domain.nanosUntilFlush(now + MILLISECOND)).isEqualTo(9 * MILLISECOND);
        domain.advanceTo(now + 10 * MILLISECOND - 1);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.STALE);
        domain.advanceTo(now + 10 * MILLISECOND);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.NOT_MAPPED);
        assertThat(domain.nanosUntilFlush(now)).isEqualTo(Long.MAX_VALUE);
        assertThat(policy.allocate(PAGE, LAST_LOW)).as("reused").isEqualTo(iova);
        assertThat(domain.statistics().staleHits()).isEqualTo(2);
    }

    @Test
    void shouldNotTranslateWhatTheIotlbNeverSaw() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        long iova = map(domain);
        domain.release(iova, PAGE, now);
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.NOT_MAPPED);
    }

    @Test
    void shouldSayThatAnAccessIsStaleWhenAnyPageOfItIs() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        long low = policy.allocate(2 * PAGE, LAST_LOW);
        domain.map(low, MEMORY, 2 * PAGE, true, true);
        domain.translate(low, 2 * PAGE, false, (at, length) -> {});
        domain.unmap(low + PAGE, PAGE, IotlbGather.queued());
        assertThat(domain.translate(low, 2 * PAGE, false, (at, length) -> {}))
                .isEqualTo(TranslationResult.STALE);
        assertThat(use(domain, low)).isEqualTo(TranslationResult.MAPPED);
    }

    @Test
    void shouldFlushOnceFor255UnmapsOfACpu() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        cycle(domain, RING);
        assertThat(domain.statistics().globalFlushes()).isZero();
        assertThat(domain.queuedRanges()).isEqualTo(RING);
        cycle(domain, 1);
        assertThat(domain.statistics().globalFlushes()).isEqualTo(1);
        assertThat(domain.queuedRanges()).isEqualTo(1);
        cycle(domain, 9 * RING);
        assertThat(domain.statistics().globalFlushes()).isEqualTo(10);
        assertThat(domain.statistics().iotlbFlushes()).isZero();
    }

    @Test
    void shouldFlushOnceForEachUnmapWhenStrict() {
        IommuDomain domain = domain(FlushPolicy.STRICT);
        cycle(domain, RING);
        assertThat(domain.statistics().iotlbFlushes()).isEqualTo(RING);
        assertThat(domain.statistics().iotlbEntriesFlushed()).isEqualTo(RING);
        assertThat(domain.statistics().globalFlushes()).isZero();
    }

    @Test
    void shouldFreeWithoutAFlushWhatAnotherCpuFlushed() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        cpu = 1;
        cycle(domain, RING);
        cpu = 0;
        cycle(domain, RING + 1);
        assertThat(domain.statistics().globalFlushes()).isEqualTo(1);
        assertThat(domain.queuedRanges()).isEqualTo(RING + 1);
        cpu = 1;
        cycle(domain, 1);
        assertThat(domain.statistics().globalFlushes()).isEqualTo(1);
        assertThat(domain.queuedRanges()).isEqualTo(2);
    }

    @Test
    void shouldFlushByTheTimerForAllCpusAndStartItAnew() {
        IommuDomain domain = domain(FlushPolicy.LAZY);
        cycle(domain, 1);
        cpu = 1;
        cycle(domain, 1);
        now += 10 * MILLISECOND;
        cycle(domain, 1);
        assertThat(domain.statistics().globalFlushes()).isEqualTo(1);
        assertThat(domain.queuedRanges()).isEqualTo(1);
        assertThat(domain.nanosUntilFlush(now)).isEqualTo(10 * MILLISECOND);
        domain.flush();
        assertThat(domain.queuedRanges()).isZero();
    }

    @Test
    void shouldLeaveEverythingAloneWhenNoWholePagesAreReleased() {
        IommuDomain domain = domain(FlushPolicy.STRICT);
        long iova = map(domain);
        assertThat(domain.release(iova, PAGE + 1, now)).isZero();
        assertThat(use(domain, iova)).isEqualTo(TranslationResult.MAPPED);
        assertThat(domain.release(iova, PAGE, now)).isEqualTo(PAGE);
    }

    @Test
    void shouldNotGiveAddressesBackTwice() {
        for (FlushPolicy flushPolicy : FlushPolicy.values()) {
            IommuDomain domain = domain(flushPolicy);
            long iova = map(domain);
            domain.release(iova, PAGE, now);
            assertThat(domain.release(iova, PAGE, now)).isZero();
            domain.flush();
            long next = policy.allocate(PAGE, LAST_LOW);
            assertThat(policy.allocate(PAGE, LAST_LOW)).isNotEqualTo(next);
        }
    }
}
