package org.softverbs.soft.dma;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.TrackedMapping;

/// Shared memory with the sanitizer looking on.
final class CheckedCoherent implements CoherentMemory {

    private final CoherentMemory memory;
    private final DeviceLedger ledger;
    private final TrackedMapping tracked;
    private final AtomicBoolean closed = new AtomicBoolean();

    CheckedCoherent(CoherentMemory memory, DeviceLedger ledger, TrackedMapping tracked) {
        this.memory = memory;
        this.ledger = ledger;
        this.tracked = tracked;
    }

    @Override
    public MemorySegment segment() {
        return memory.segment();
    }

    @Override
    public long physicalAddress() {
        return memory.physicalAddress();
    }

    @Override
    public DmaSegment deviceSegment() {
        return memory.deviceSegment();
    }

    @Override
    public void close() {
        try {
            if (!closed.getAndSet(true)) {
                ledger.remove(tracked);
            }
        } finally {
            memory.close();
            Reference.reachabilityFence(this);
        }
    }
}
