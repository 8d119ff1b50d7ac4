package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.bounce.BounceFixture.bounced;
import static org.softverbs.soft.bounce.BounceFixture.fill;
import static org.softverbs.soft.bounce.BounceFixture.read;
import static org.softverbs.soft.bounce.BounceFixture.refusal;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// A device bounces what it must, in pools of its own.
class SwiotlbDeviceTest {

    private static final long SEGMENT = 256L << 10;

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final SwiotlbSettings small = SwiotlbSettings.defaults(1).withBytes(SEGMENT);
    private final PhysicalAllocation original =
            memory.allocate(PhysicalMemoryRequest.contiguous(SEGMENT));

    private BounceRequest request(long size) {
        return BounceRequest.of(original.address(0), size, DmaDirection.BIDIRECTIONAL);
    }

    @Test
    void shouldBounceWhatIsOutOfReachOnly() {
        SwiotlbDevice device = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        PhysicalAllocation low =
                memory.allocate(PhysicalMemoryRequest.contiguous(10).withBelow(1L << 32));
        assertThat(device.mustBounce(low.address(0), 10)).isFalse();
        assertThat(device.mustBounce(original.address(0), 10)).isTrue();
        assertThat(device.mustBounce((1L << 32) - 1, 1)).isFalse();
        assertThat(device.mustBounce((1L << 32) - 1, 2)).isTrue();
        assertThat(device.mustBounce(bounced(device.map(request(10))).address(), 10)).isFalse();
    }

    @Test
    void shouldBounceEverythingWhenForcedTo() {
        SwiotlbDevice device =
                new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small).withForcedBounce());
        assertThat(device.mustBounce(device.pools().getFirst().address(0), 1)).isTrue();
    }

    @Test
    void shouldTellDevicesApart() {
        SwiotlbDevice one = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        SwiotlbDevice two = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        long address = bounced(one.map(request(SEGMENT))).address();
        assertThat(two.map(request(SEGMENT))).isInstanceOf(Bounced.class);
        assertThat(two.contains(address)).isFalse();
        assertThat(two.unmap(address, SEGMENT, DmaDirection.TO_DEVICE, false))
                .isEqualTo(BounceCheck.NOT_MAPPED);
    }

    @Test
    void shouldShowADeviceLikeVduseThePoolFromAddressZeroOn() {
        SwiotlbDevice device =
                SwiotlbDevice.likeVduse(memory, SwiotlbSettings.defaults(1).withBytes(2L << 20));
        fill(original, 4);
        assertThat(device.mustBounce(original.address(0), 1)).isTrue();
        Bounced first = bounced(device.map(request(5000)));
        Bounced second = bounced(device.map(request(100)));
        assertThat(device.busAddress(first.address())).isZero();
        assertThat(device.busAddress(second.address())).isEqualTo(6144);
        assertThat(device.physicalAddress(6144)).isEqualTo(second.address());
        assertThat(read(memory, first.buffer()))
                .isEqualTo(original.segment().asSlice(0, 5000).toArray(ValueLayout.JAVA_BYTE));
        assertThatThrownBy(() -> SwiotlbDevice.likeVduse(memory, small))
                .hasMessageContaining("does not start at a multiple of 2 MiB");
    }

    @Test
    void shouldRefuseABufferThatTheDeviceDoesNotReach() {
        SwiotlbDevice device =
                new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small).withMask(0xffff));
        assertThat(refusal(device.map(request(1)))).isEqualTo(BounceRefusal.OUT_OF_REACH);
        assertThat(device.statistics().slotsUsed()).isZero();
    }

    @Test
    void shouldStayFullWithoutGrowth() {
        SwiotlbDevice device = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        device.map(request(SEGMENT));
        assertThat(refusal(device.map(request(1)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(refusal(device.map(request(1)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(device.pools()).hasSize(1);
        assertThat(device.statistics().refusals()).containsEntry(BounceRefusal.POOL_FULL, 2L);
    }

    @Test
    void shouldTakeATransientPoolFirstAndGrowThen() {
        SwiotlbDevice device =
                new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small).withGrowth(2));
        device.map(request(SEGMENT));
        long single = bounced(device.map(request(5000))).address();
        assertThat(device.transientPools()).isEqualTo(1);
        assertThat(device.pools()).hasSize(1);
        assertThat(device.contains(single)).isTrue();
        long inNewPool = bounced(device.map(request(SEGMENT))).address();
        assertThat(device.pools()).hasSize(2);
        assertThat(device.pools().getLast().address(0)).isEqualTo(inNewPool);
        assertThat(device.syncForCpu(single, 5000, DmaDirection.BIDIRECTIONAL))
                .isEqualTo(BounceCheck.OK);
        assertThat(device.unmap(single, 5000, DmaDirection.BIDIRECTIONAL, false))
                .isEqualTo(BounceCheck.OK);
        assertThat(device.transientPools()).isZero();
        assertThat(memory.isMemory(single, 1)).isFalse();
        device.map(request(1));
        device.map(request(1));
        assertThat(device.pools()).as("no more than it may have").hasSize(2);
        assertThat(device.transientPools()).isEqualTo(2);
        assertThat(device.statistics().highWaterMark()).isEqualTo(258 + 1);
    }

    @Test
    void shouldHavePrivatePagesUnlessDecrypted() {
        SwiotlbDevice open = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        SwiotlbDevice closed =
                new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small.withDecrypted(false)));
        assertThat(open.isDecrypted()).isTrue();
        assertThat(open.pools().getFirst().flags()).isEmpty();
        assertThat(closed.isDecrypted()).isFalse();
        assertThat(closed.pools().getFirst().flags()).containsExactly(PageFlag.PRIVATE);
    }

    @Test
    void shouldGiveItsMemoryBack() {
        SwiotlbDevice device = new SwiotlbDevice(memory, SwiotlbDeviceSettings.of(small));
        long address = device.pools().getFirst().address(0);
        device.close();
        assertThat(memory.isMemory(address, 1)).isFalse();
    }
}
