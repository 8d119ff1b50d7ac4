package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// What tests of bounce buffers do again and again.
final class BounceFixture {

    private BounceFixture() {}

    static Bounced bounced(BounceResult result) {
        assertThat(result).isInstanceOf(Bounced.class);
        return (Bounced) result;
    }

    static BounceRefusal refusal(BounceResult result) {
        assertThat(result).isInstanceOf(BounceResult.Refused.class);
        return ((BounceResult.Refused) result).reason();
    }

    static void fill(PhysicalAllocation allocation, int seed) {
        MemorySegment bytes = allocation.segment();
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (seed + i * 7 + (i >> 8)));
        }
    }

    /// The bytes as the device sees them.
    static RunList runs(SparsePhysicalMemory memory, PhysicalVector vector) {
        RunList runs = new RunList();
        for (int i = 0; i < vector.count(); i++) {
            assertThat(memory.resolve(vector.address(i), vector.length(i), runs)).isTrue();
        }
        return runs;
    }

    static byte[] read(SparsePhysicalMemory memory, PhysicalVector vector) {
        byte[] bytes = new byte[Math.toIntExact(vector.total())];
        assertThat(runs(memory, vector).copyTo(MemorySegment.ofArray(bytes), 0)).isTrue();
        return bytes;
    }

    static void write(SparsePhysicalMemory memory, PhysicalVector vector, byte[] bytes) {
        RunList source = new RunList();
        source.add(MemorySegment.ofArray(bytes), 0, bytes.length);
        assertThat(source.copyTo(runs(memory, vector))).isTrue();
    }
}
