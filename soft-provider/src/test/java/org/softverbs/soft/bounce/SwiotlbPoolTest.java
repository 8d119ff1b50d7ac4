package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.bounce.BounceFixture.bounced;
import static org.softverbs.soft.bounce.BounceFixture.fill;
import static org.softverbs.soft.bounce.BounceFixture.read;
import static org.softverbs.soft.bounce.BounceFixture.refusal;
import static org.softverbs.soft.bounce.BounceFixture.write;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Slots are found where Linux finds them, and bytes come back right.
class SwiotlbPoolTest {

    private static final int SLOT = SwiotlbPool.SLOT_BYTES;
    private static final long SEGMENT = 256L << 10;

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final SwiotlbPool pool = pool(2 * SEGMENT, 1);
    private final PhysicalAllocation original =
            memory.allocate(PhysicalMemoryRequest.contiguous(4 * SEGMENT));

    private SwiotlbPool pool(long bytes, int cpus) {
        return new SwiotlbPool(memory, SwiotlbSettings.defaults(cpus).withBytes(bytes));
    }

    private BounceRequest request(long offset, long size) {
        return BounceRequest.of(original.address(0) + offset, size, DmaDirection.BIDIRECTIONAL);
    }

    private long map(long size) {
        return bounced(pool.map(request(0, size))).address();
    }

    private int slot(long address) {
        return (int) ((address - pool.memory().address(0)) / SLOT);
    }

    @Test
    void shouldFindTheSlotsThatLinuxFinds() {
        assertThat(slot(map(3000))).isZero();
        assertThat(slot(map(4096))).isEqualTo(2);
        assertThat(slot(map(1))).isEqualTo(4);
        assertThat(slot(map(4096))).as("slot 5 is skipped").isEqualTo(6);
        assertThat(pool.freeFrom(5)).isEqualTo(1);
        assertThat(pool.freeFrom(8)).isEqualTo(120);
        assertThat(pool.statistics().slotsUsed()).isEqualTo(7);
        assertThat(pool.statistics().slotsSearched()).isEqualTo(4);
    }

    @Test
    void shouldTakeASegmentAndNoByteMore() {
        assertThat(slot(map(SEGMENT))).isZero();
        assertThat(refusal(pool.map(request(0, SEGMENT + 1)))).isEqualTo(BounceRefusal.TOO_LARGE);
        assertThat(pool.largestMapping(0)).isEqualTo(SEGMENT);
        assertThat(pool.largestMapping(0xfff)).isEqualTo(SEGMENT - 4096);
        assertThat(pool.largestMapping(0x1ff)).isEqualTo(SEGMENT - SLOT);
    }

    @Test
    void shouldFailInASegmentInPiecesThoughHalfOfItIsFree() {
        SwiotlbPool one = pool(SEGMENT, 1);
        List<Long> buffers = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            buffers.add(bounced(one.map(request(0, 1))).address());
        }
        for (int i = 0; i < 128; i += 2) {
            one.unmap(buffers.get(i), 1, DmaDirection.TO_DEVICE, false);
        }
        assertThat(one.statistics().slotsUsed()).isEqualTo(64);
        assertThat(refusal(one.map(request(0, SLOT + 1)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(one.map(request(0, SLOT))).isInstanceOf(Bounced.class);
        assertThat(one.statistics().refusals()).isEqualTo(Map.of(BounceRefusal.POOL_FULL, 1L));
        assertThat(one.statistics().highWaterMark()).isEqualTo(128);
    }

    @Test
    void shouldNeverCrossTheEndOfASegment() {
        map(127 * SLOT);
        assertThat(slot(map(2 * SLOT))).isEqualTo(128);
    }

    @Test
    void shouldKeepTheLowBitsOfTheAddress() {
        for (long mask : new long[] {0x1ff, 0x7ff, 0xfff, 0x3fff}) {
            for (long alloc : new long[] {0, 0xfff, 0x1fff}) {
                long offset = 0x2b40;
                Bounced buffer =
                        bounced(pool.map(request(offset, 5000).withAlignment(mask, alloc)));
                assertThat(buffer.address() & mask)
                        .as("mask 0x%x, alloc 0x%x", mask, alloc)
                        .isEqualTo((original.address(0) + offset) & mask);
                pool.unmap(buffer.address(), 5000, DmaDirection.TO_DEVICE, false);
            }
        }
        assertThat(pool.statistics().slotsUsed()).isZero();
    }

    @Test
    void shouldAlignTheFirstSlot() {
        map(1);
        assertThat(slot(bounced(pool.map(request(0, 1).withAlignment(0, 0x3fff))).address()))
                .isEqualTo(8);
    }

    @Test
    void shouldEndASearchThatTheLowBitsLeadPastItsStart() {
        SwiotlbPool one = pool(SEGMENT, 1);
        for (int i = 0; i < 128; i++) {
            one.map(request(0, 1));
        }
        long even = one.memory().address(0);
        one.unmap(even, 1, DmaDirection.TO_DEVICE, false);
        // The search now starts at slot 2, and steps from one odd slot to the next.
        assertThat(bounced(one.map(request(0, 1))).address()).isEqualTo(even);
        one.unmap(even, 1, DmaDirection.TO_DEVICE, false);
        BounceRequest odd = request(SLOT, 1).withAlignment(0xfff, 0);
        assertThat(refusal(one.map(odd))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(one.statistics().slotsSearched()).isLessThan(400);
    }

    @Test
    void shouldNotCrossABoundary() {
        map(3 * SLOT);
        Bounced buffer = bounced(pool.map(request(0, 3000).withBoundary(0x1fff)));
        assertThat(slot(buffer.address())).isEqualTo(4);
        assertThat(refusal(pool.map(request(0, 9000).withBoundary(0x1fff))))
                .isEqualTo(BounceRefusal.TOO_LARGE);
    }

    @Test
    void shouldKeepCpusApartUntilAnAreaIsFull() {
        SwiotlbPool areas = pool(4 * SEGMENT, 3);
        assertThat(areas.areas()).isEqualTo(4);
        long start = areas.memory().address(0);
        for (int area : new int[] {2, 3, 0, 1}) {
            Bounced buffer = bounced(areas.map(request(0, SEGMENT).withCpu(2)));
            assertThat(buffer.address()).isEqualTo(start + area * SEGMENT);
        }
        assertThat(refusal(areas.map(request(0, 1)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(pool(SEGMENT, 8).areas()).isEqualTo(1);
    }

    @Test
    void shouldCopyTwiceTheSizeForADeviceThatOnlyWrites() {
        long address = bounced(pool.map(from(0, 10_000))).address();
        pool.unmap(address, 10_000, DmaDirection.FROM_DEVICE, false);
        assertThat(pool.statistics().bytesCopied()).isEqualTo(20_000);
        assertThat(pool.statistics().bytesCopiedIn()).isEqualTo(10_000);
    }

    private BounceRequest from(long offset, long size) {
        return BounceRequest.of(original.address(0) + offset, size, DmaDirection.FROM_DEVICE);
    }

    @Test
    void shouldCopyOutOnlyWhatTheDeviceMayWriteAndTheCpuWants() {
        long one = map(100);
        assertThat(pool.unmap(one, 100, DmaDirection.TO_DEVICE, false)).isEqualTo(BounceCheck.OK);
        long two = map(100);
        assertThat(pool.unmap(two, 100, DmaDirection.BIDIRECTIONAL, true))
                .isEqualTo(BounceCheck.OK);
        assertThat(pool.statistics().bytesCopiedOut()).isZero();
        assertThat(pool.unmap(map(100), 100, DmaDirection.BIDIRECTIONAL, false))
                .isEqualTo(BounceCheck.OK);
        assertThat(pool.statistics().bytesCopiedOut()).isEqualTo(100);
        assertThat(pool.statistics().mappings()).isEqualTo(3);
    }

    @Test
    void shouldLeaveBytesAloneThatTheDeviceDidNotWrite() {
        fill(original, 1);
        byte[] before = read(memory, new PhysicalRanges(List.of(original.range(0, 6000))));
        Bounced buffer = bounced(pool.map(from(0, 6000)));
        write(memory, PhysicalRanges.of(new PhysicalRange(buffer.address(), 3)), new byte[3]);
        pool.unmap(buffer.address(), 6000, DmaDirection.FROM_DEVICE, false);
        Arrays.fill(before, 0, 3, (byte) 0);
        assertThat(read(memory, PhysicalRanges.of(original.range(0, 6000)))).isEqualTo(before);
    }

    @Test
    void shouldReachHighMemory() {
        PhysicalAllocation high =
                memory.allocate(PhysicalMemoryRequest.contiguous(9000).withFlag(PageFlag.HIGHMEM));
        fill(high, 5);
        Bounced buffer =
                bounced(
                        pool.map(
                                BounceRequest.of(
                                        high.address(0), 9000, DmaDirection.BIDIRECTIONAL)));
        byte[] seen = read(memory, buffer.buffer());
        assertThat(seen).isEqualTo(high.segment().toArray(ValueLayout.JAVA_BYTE));
        assertThat(buffer.address()).isLessThan(1L << 32);
        write(memory, buffer.buffer(), new byte[9000]);
        pool.unmap(buffer.address(), 9000, DmaDirection.FROM_DEVICE, false);
        assertThat(high.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(new byte[9000]);
    }

    @Test
    void shouldSyncAPartInALaterSlotOfAnUnalignedBuffer() {
        fill(original, 1);
        Bounced buffer = bounced(pool.map(request(0x300, 6000).withAlignment(0x7ff, 0)));
        long part = buffer.address() + SLOT - 0x300 + 5;
        write(memory, PhysicalRanges.of(new PhysicalRange(part, 2)), new byte[] {9, 9});
        assertThat(pool.syncForCpu(part, 2, DmaDirection.FROM_DEVICE)).isEqualTo(BounceCheck.OK);
        assertThat(original.segment().get(ValueLayout.JAVA_BYTE, SLOT + 5)).isEqualTo((byte) 9);
        original.segment().set(ValueLayout.JAVA_BYTE, SLOT + 6, (byte) 8);
        assertThat(pool.syncForDevice(part + 1, 1, DmaDirection.TO_DEVICE))
                .isEqualTo(BounceCheck.OK);
        assertThat(read(memory, PhysicalRanges.of(new PhysicalRange(part, 2))))
                .containsExactly(9, 8);
    }

    @Test
    void shouldSyncOnlyAsTheDirectionSays() {
        long address = map(100);
        long copied = pool.statistics().bytesCopied();
        pool.syncForDevice(address, 100, DmaDirection.FROM_DEVICE);
        pool.syncForCpu(address, 100, DmaDirection.TO_DEVICE);
        assertThat(pool.statistics().bytesCopied()).isEqualTo(copied);
        pool.syncForDevice(address, 10, DmaDirection.BIDIRECTIONAL);
        pool.syncForCpu(address, 20, DmaDirection.BIDIRECTIONAL);
        assertThat(pool.statistics().bytesCopied()).isEqualTo(copied + 30);
    }

    @Test
    void shouldFindOutWhatTheKernelWarnsOf() {
        DmaDirection both = DmaDirection.BIDIRECTIONAL;
        Bounced buffer = bounced(pool.map(request(0x300, 1000).withAlignment(0x7ff, 0)));
        long address = buffer.address();
        long copied = pool.statistics().bytesCopied();
        assertThat(pool.syncForCpu(address - 1, 1, both)).isEqualTo(BounceCheck.BEFORE_MAPPING);
        assertThat(pool.syncForCpu(address + 1001, 1, both)).isEqualTo(BounceCheck.OFFSET_OVERFLOW);
        assertThat(pool.statistics().bytesCopied()).isEqualTo(copied);
        assertThat(pool.syncForCpu(address + 990, 20, both)).isEqualTo(BounceCheck.SIZE_OVERFLOW);
        assertThat(pool.statistics().bytesCopied()).isEqualTo(copied + 10);
        assertThat(pool.unmap(address + 1, 1000, both, false)).isEqualTo(BounceCheck.NOT_THE_START);
        assertThat(pool.unmap(address, 1001, both, false)).isEqualTo(BounceCheck.SIZE_OVERFLOW);
        assertThat(pool.unmap(address, 1000, both, false)).isEqualTo(BounceCheck.NOT_MAPPED);
        assertThat(pool.syncForCpu(0, 1, both)).isEqualTo(BounceCheck.NOT_MAPPED);
        assertThat(pool.statistics().slotsUsed()).isZero();
    }

    @Test
    void shouldSayThatMemoryIsGone() {
        PhysicalAllocation brief = memory.allocate(PhysicalMemoryRequest.contiguous(100));
        BounceRequest request = BounceRequest.of(brief.address(0), 100, DmaDirection.FROM_DEVICE);
        Bounced buffer = bounced(pool.map(request));
        brief.close();
        assertThat(pool.unmap(buffer.address(), 100, DmaDirection.FROM_DEVICE, false))
                .isEqualTo(BounceCheck.MEMORY_GONE);
        assertThat(pool.statistics().slotsUsed()).isZero();
        assertThat(refusal(pool.map(request))).isEqualTo(BounceRefusal.NO_MEMORY);
    }

    @Test
    void shouldRefuseRequestsThatMakeNoSense() {
        assertThatThrownBy(() -> request(0, 0)).hasMessageContaining("mapping of 0 bytes");
        assertThatThrownBy(() -> request(0, 9).withAllocSize(8))
                .hasMessageContaining("9 bytes at 0x");
        assertThatThrownBy(() -> request(0, 9).withBoundary(0x1000))
                .hasMessageContaining("0x1000 is no power of two minus one");
    }
}
