package org.softverbs.ulp.store;

import org.softverbs.dma.BioVector;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.ScatterList;

/// The blocks: physical memory in stripes, by turns in one run and in scattered pages, so that one
/// command meets the one, the next the other, and some both.
final class BlockMemory implements AutoCloseable {

    /// Bytes of a stripe.
    static final int STRIPE = 1 << 16;

    private static final int PAGE = 4096;

    private final PhysicalAllocation contiguous;
    private final PhysicalAllocation scattered;

    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when the host has not as much memory
    BlockMemory(PhysicalMemory memory, StoreGeometry geometry) {
        long half = Math.ceilDiv(geometry.bytes(), 2L * STRIPE) * STRIPE;
        contiguous = memory.allocate(PhysicalMemoryRequest.contiguous(half));
        try {
            scattered = memory.allocate(PhysicalMemoryRequest.scattered(half));
        } catch (RuntimeException refused) {
            contiguous.close();
            throw refused;
        }
    }

    /// A part of the blocks as block I/O has it. Nothing is copied.
    ///
    /// @param offset first byte
    /// @param length bytes, at least 1
    BioVector part(long offset, long length) {
        ScatterList list = new ScatterList();
        long end = offset + length;
        long at = offset;
        while (at < end) {
            long stripe = at / STRIPE;
            boolean isScattered = stripe % 2 == 1;
            long unit = isScattered ? PAGE : STRIPE;
            long part = Math.min(end - at, unit - at % unit);
            PhysicalAllocation half = isScattered ? scattered : contiguous;
            list.add(half.range(stripe / 2 * STRIPE + at % STRIPE, part));
            at += part;
        }
        return new BioVector(list);
    }

    @Override
    public void close() {
        contiguous.close();
        scattered.close();
    }
}
