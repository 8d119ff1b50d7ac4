package org.softverbs.soft.dma;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;

/// What every mapping has: segments, and one end.
abstract sealed class SegmentMapping implements DmaMapping
        permits IovaMapping, UntranslatedMapping {

    private final List<DmaSegment> segments;
    private final DmaDirection direction;
    private final long length;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    SegmentMapping(
            List<DmaSegment> segments, DmaDirection direction, long length, Runnable onClose) {
        this.segments = List.copyOf(segments);
        this.direction = direction;
        this.length = length;
        this.onClose = onClose;
    }

    /// Undoes what was done for it; called once.
    abstract void undo();

    @Override
    public final List<DmaSegment> segments() {
        return segments;
    }

    @Override
    public final DmaDirection direction() {
        return direction;
    }

    @Override
    public final long length() {
        return length;
    }

    @Override
    public void syncForCpu() {
        requireOpen();
    }

    @Override
    public void syncForDevice() {
        requireOpen();
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the mapping is closed");
        }
    }

    @Override
    public final void close() {
        if (!closed.getAndSet(true)) {
            undo();
            onClose.run();
        }
    }
}
