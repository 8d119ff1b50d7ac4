package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;

/// Low addresses first, and caches are emptied only when nothing else helps.
class IovaPolicyTest {

    private static final long PAGE = 4096;
    private static final long LAST_LOW = (1L << 32) - 1;
    private static final long LAST = (1L << 40) - 1;

    private int cpu;

    /// Sixteen page frames lie below 4 GiB.
    private final CachedIovaAllocator allocator =
            new CachedIovaAllocator(new TreeIovaAllocator(PAGE, 0xffff0), new Cpus(2, () -> cpu));

    private IovaPolicy policy(LowAddresses low) {
        return new IovaPolicy(allocator, PAGE, low);
    }

    @Test
    void shouldPreferLowAddressesForAPciDeviceThatReachesFurther() {
        assertThat(policy(LowAddresses.ALWAYS_FIRST).allocate(PAGE, LAST)).isEqualTo(0xfffff000L);
        assertThat(policy(LowAddresses.NOT_PREFERRED).allocate(PAGE, LAST))
                .isEqualTo(0xff_ffff_f000L);
    }

    @Test
    void shouldRoundBytesUpToPageFrames() {
        IovaPolicy policy = policy(LowAddresses.ALWAYS_FIRST);
        assertThat(policy.allocate(1, LAST)).isEqualTo(0xfffff000L);
        assertThat(policy.allocate(PAGE + 1, LAST)).isEqualTo(0xffffc000L);
        policy.free(0xffffc000L, PAGE + 1);
        assertThat(policy.allocate(2 * PAGE, LAST)).isEqualTo(0xffffc000L);
    }

    @Test
    void shouldGoHighWhenTheLowOnesAreUsedUpAndComeBack() {
        IovaPolicy policy = policy(LowAddresses.ALWAYS_FIRST);
        long low = policy.allocate(16 * PAGE, LAST);
        assertThat(low).isEqualTo(0xffff0000L);
        assertThat(policy.allocate(PAGE, LAST)).isEqualTo(0xff_ffff_f000L);
        policy.free(low, 16 * PAGE);
        assertThat(policy.allocate(16 * PAGE, LAST)).isEqualTo(low);
    }

    @Test
    void shouldNotTryLowAddressesAgainOnceTheyWereUsedUp() {
        IovaPolicy policy = policy(LowAddresses.FIRST_UNTIL_FULL);
        long low = policy.allocate(16 * PAGE, LAST);
        assertThat(low).isEqualTo(0xffff0000L);
        long high = policy.allocate(PAGE, LAST);
        assertThat(high).isEqualTo(0xff_ffff_f000L);
        policy.free(low, 16 * PAGE);
        assertThat(policy.allocate(PAGE, LAST)).isEqualTo(high - PAGE);
    }

    @Test
    void shouldLeaveTheCachesOfOthersAloneAsLongAsThereAreHighAddresses() {
        IovaPolicy policy = policy(LowAddresses.ALWAYS_FIRST);
        policy.free(policy.allocate(16 * PAGE, LAST), 16 * PAGE);
        cpu = 1;
        assertThat(policy.allocate(PAGE, LAST)).isGreaterThan(LAST_LOW);
        assertThat(policy.allocate(PAGE, LAST_LOW)).isEqualTo(0xfffff000L);
    }

    @Test
    void shouldFailWhenTheMaskAllowsNothingMore() {
        IovaPolicy policy = policy(LowAddresses.ALWAYS_FIRST);
        assertThat(policy.allocate(16 * PAGE, LAST_LOW)).isEqualTo(0xffff0000L);
        assertThat(policy.allocate(PAGE, LAST_LOW)).isEqualTo(NONE);
    }
}
