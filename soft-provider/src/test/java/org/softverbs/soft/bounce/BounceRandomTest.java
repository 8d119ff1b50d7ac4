package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.bounce.BounceFixture.fill;
import static org.softverbs.soft.bounce.BounceFixture.read;
import static org.softverbs.soft.bounce.BounceFixture.write;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Whatever is mapped and unmapped in whatever order: buffers do not overlap, bytes come back
/// right, and nothing is left at the end.
class BounceRandomTest {

    private static final int OPERATIONS = 100_000;
    private static final int ORIGINAL_BYTES = 1 << 20;
    private static final long[] MASKS = {0, 0, 0x1ff, 0x7ff, 0xfff};

    private record Live(long original, long size, Bounced bounced, DmaDirection direction) {}

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final PhysicalAllocation original =
            memory.allocate(PhysicalMemoryRequest.contiguous(ORIGINAL_BYTES));
    private final List<Live> live = new ArrayList<>();
    private final TreeMap<Long, Long> taken = new TreeMap<>();

    @Test
    void shouldKeepASwiotlbPoolInOrder() {
        SwiotlbPool pool = new SwiotlbPool(memory, SwiotlbSettings.defaults(4).withBytes(2L << 20));
        int slots = (2 << 20) / SwiotlbPool.SLOT_BYTES;
        exercise(pool, 20_261_121);
        for (int slot = 0; slot < slots; slot++) {
            assertThat(pool.freeFrom(slot)).as("slot %d", slot).isEqualTo(128 - slot % 128);
        }
    }

    @Test
    void shouldKeepADiscontiguousPoolInOrder() {
        exercise(
                new DiscontiguousPool(memory, 2L << 20, PhysicalMemoryRequest.ANYWHERE),
                20_261_122);
    }

    private void exercise(BouncePool pool, long seed) {
        System.out.println("seed " + seed);
        fill(original, 3);
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < OPERATIONS; step++) {
            if (!live.isEmpty() && random.nextInt(100) < 50) {
                unmap(pool, live.remove(random.nextInt(live.size())), random);
            } else {
                map(pool, random, step);
            }
        }
        assertThat(pool.statistics().refusals()).containsKey(BounceRefusal.POOL_FULL);
        while (!live.isEmpty()) {
            unmap(pool, live.removeLast(), random);
        }
        assertThat(pool.statistics().slotsUsed()).isZero();
    }

    private void map(BouncePool pool, SplittableRandom random, int step) {
        long size = random.nextInt(4) == 0 ? random.nextInt(1, 60_000) : random.nextInt(1, 6000);
        long start = original.address(0) + random.nextLong(ORIGINAL_BYTES - size);
        long mask = MASKS[random.nextInt(MASKS.length)];
        DmaDirection direction = DmaDirection.values()[random.nextInt(3)];
        BounceRequest request =
                BounceRequest.of(start, size, direction)
                        .withAlignment(mask, random.nextInt(8) == 0 ? 0xfff : 0)
                        .withCpu(random.nextInt(4));
        if (!(pool.map(request) instanceof Bounced bounced)) {
            return;
        }
        assertThat(bounced.address() & mask).as("step %d", step).isEqualTo(start & mask);
        PhysicalVector buffer = bounced.buffer();
        assertThat(buffer.total()).isEqualTo(size);
        for (int i = 0; i < buffer.count(); i++) {
            claim(buffer.address(i), buffer.length(i), step);
        }
        assertThat(read(memory, buffer)).as("step %d", step).isEqualTo(originalBytes(start, size));
        live.add(new Live(start, size, bounced, direction));
    }

    private void claim(long address, long length, int step) {
        Map.Entry<Long, Long> before = taken.lowerEntry(address + length);
        assertThat(before == null || before.getKey() + before.getValue() <= address)
                .as("overlap in step %d", step)
                .isTrue();
        taken.put(address, length);
    }

    private byte[] originalBytes(long address, long size) {
        return original.segment()
                .asSlice(address - original.address(0), size)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private void unmap(BouncePool pool, Live gone, SplittableRandom random) {
        byte[] written = new byte[(int) gone.size()];
        random.nextBytes(written);
        byte[] before = originalBytes(gone.original(), gone.size());
        write(memory, gone.bounced().buffer(), written);
        assertThat(pool.unmap(gone.bounced().address(), gone.size(), gone.direction(), false))
                .isEqualTo(BounceCheck.OK);
        PhysicalVector place = PhysicalRanges.of(new PhysicalRange(gone.original(), gone.size()));
        assertThat(read(memory, place))
                .isEqualTo(gone.direction().deviceWrites() ? written : before);
        PhysicalVector buffer = gone.bounced().buffer();
        for (int i = 0; i < buffer.count(); i++) {
            taken.remove(buffer.address(i));
        }
    }
}
