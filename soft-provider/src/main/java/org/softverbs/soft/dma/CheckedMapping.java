package org.softverbs.soft.dma;

import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.TrackedMapping;

/// A mapping with the sanitizer looking on.
final class CheckedMapping implements DmaMapping {

    private final DmaMapping mapping;
    private final DeviceLedger ledger;
    private final TrackedMapping tracked;
    private final AtomicBoolean closed = new AtomicBoolean();

    CheckedMapping(DmaMapping mapping, DeviceLedger ledger, TrackedMapping tracked) {
        this.mapping = mapping;
        this.ledger = ledger;
        this.tracked = tracked;
    }

    @Override
    public List<DmaSegment> segments() {
        return mapping.segments();
    }

    @Override
    public IoOutcome outcome() {
        return mapping.outcome();
    }

    @Override
    public int storedAddresses() {
        return mapping.storedAddresses();
    }

    @Override
    public DmaDirection direction() {
        return mapping.direction();
    }

    @Override
    public long length() {
        return mapping.length();
    }

    @Override
    public void syncForCpu() {
        if (!closed.get()) {
            ledger.beforeSyncForCpu(tracked, 0, length());
        }
        mapping.syncForCpu();
        ledger.syncedForCpu(tracked, 0, length());
    }

    @Override
    public void syncForDevice() {
        mapping.syncForDevice();
        ledger.syncedForDevice(tracked, 0, length());
    }

    /// A listener that throws at a report leaves nothing mapped either.
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            try {
                ledger.remove(tracked);
            } finally {
                mapping.close();
                // Not taken for lost while it is closed.
                Reference.reachabilityFence(this);
            }
        }
    }

    /// What it is around.
    DmaMapping inner() {
        return mapping;
    }

    /// Ends what is known of it: what it is around is about to be closed together with others.
    void retire() {
        try {
            if (!closed.getAndSet(true)) {
                ledger.remove(tracked);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
