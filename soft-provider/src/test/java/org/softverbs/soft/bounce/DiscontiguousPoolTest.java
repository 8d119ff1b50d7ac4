package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.bounce.BounceFixture.bounced;
import static org.softverbs.soft.bounce.BounceFixture.fill;
import static org.softverbs.soft.bounce.BounceFixture.read;
import static org.softverbs.soft.bounce.BounceFixture.refusal;
import static org.softverbs.soft.bounce.BounceFixture.write;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Pages from anywhere serve as one buffer, as long as there are enough.
class DiscontiguousPoolTest {

    private static final int PAGE = DiscontiguousPool.PAGE_BYTES;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final DiscontiguousPool pool =
            new DiscontiguousPool(memory, 1 << 20, PhysicalMemoryRequest.ANYWHERE);
    private final PhysicalAllocation original =
            memory.allocate(PhysicalMemoryRequest.contiguous((1 << 20) + PAGE));

    private BounceRequest request(long offset, long size) {
        return BounceRequest.of(original.address(0) + offset, size, BOTH);
    }

    @Test
    void shouldMapAllOfThePoolAtOnce() {
        fill(original, 2);
        assertThat(pool.largestMapping(0)).isEqualTo(1 << 20);
        Bounced buffer = bounced(pool.map(request(0, 1 << 20)));
        assertThat(buffer.buffer().count()).isEqualTo(256);
        assertThat(read(memory, buffer.buffer()))
                .isEqualTo(original.segment().asSlice(0, 1 << 20).toArray(ValueLayout.JAVA_BYTE));
        assertThat(refusal(pool.map(request(0, 1)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(refusal(pool.map(request(0, (1 << 20) + 1)))).isEqualTo(BounceRefusal.TOO_LARGE);
    }

    @Test
    void shouldFindRoomWhereASegmentWouldBeInPieces() {
        List<Long> buffers = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            buffers.add(bounced(pool.map(request(0, 1))).address());
        }
        for (int i = 0; i < 256; i += 2) {
            pool.unmap(buffers.get(i), 1, BOTH, false);
        }
        assertThat(bounced(pool.map(request(0, 128 * PAGE))).buffer().count()).isEqualTo(128);
        assertThat(pool.statistics().highWaterMark()).isEqualTo(256);
    }

    @Test
    void shouldKeepTheLowBitsOfTheAddressThatAPageHas() {
        Bounced buffer = bounced(pool.map(request(0x345, PAGE).withAlignment(0xfff, 0)));
        assertThat(buffer.address() & 0xfff).isEqualTo(0x345);
        assertThat(buffer.buffer().count()).isEqualTo(2);
        assertThat(refusal(pool.map(request(0, 1).withAlignment(0x1fff, 0))))
                .isEqualTo(BounceRefusal.ALIGNMENT);
        assertThat(pool.largestMapping(0xfff)).isEqualTo((1 << 20) - PAGE);
    }

    @Test
    void shouldSyncAPartThatCrossesPages() {
        Bounced buffer = bounced(pool.map(request(0, 3 * PAGE)));
        long second = buffer.buffer().address(1);
        byte[] bytes = {1, 2, 3, 4};
        write(
                memory,
                PhysicalRanges.of(
                        new PhysicalRange(second + PAGE - 2, 2),
                        new PhysicalRange(buffer.buffer().address(2), 2)),
                bytes);
        assertThat(pool.syncForCpu(second + PAGE - 2, 4, BOTH)).isEqualTo(BounceCheck.OK);
        assertThat(original.segment().asSlice(2 * PAGE - 2, 4).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(bytes);
    }

    @Test
    void shouldFindOutWhatTheKernelWarnsOf() {
        Bounced buffer = bounced(pool.map(request(0x300, 1000).withAlignment(0xfff, 0)));
        long address = buffer.address();
        assertThat(pool.syncForCpu(address - 1, 1, BOTH)).isEqualTo(BounceCheck.BEFORE_MAPPING);
        assertThat(pool.syncForCpu(address + 1001, 1, BOTH)).isEqualTo(BounceCheck.OFFSET_OVERFLOW);
        assertThat(pool.syncForDevice(address + 990, 20, BOTH))
                .isEqualTo(BounceCheck.SIZE_OVERFLOW);
        assertThat(pool.unmap(address + 1, 1000, BOTH, false)).isEqualTo(BounceCheck.NOT_THE_START);
        original.close();
        assertThat(pool.unmap(address, 1000, BOTH, false)).isEqualTo(BounceCheck.MEMORY_GONE);
        assertThat(pool.unmap(address, 1000, BOTH, false)).isEqualTo(BounceCheck.NOT_MAPPED);
        assertThat(pool.syncForCpu(0, 1, BOTH)).isEqualTo(BounceCheck.NOT_MAPPED);
        assertThat(refusal(pool.map(request(0, 1)))).isEqualTo(BounceRefusal.NO_MEMORY);
    }

    @Test
    void shouldGiveItsMemoryBack() {
        long address = bounced(pool.map(request(0, 1))).address();
        assertThat(pool.contains(address)).isTrue();
        pool.close();
        assertThat(memory.isMemory(address, 1)).isFalse();
    }
}
