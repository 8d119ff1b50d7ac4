package org.softverbs.soft.dma;

import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;

/// Addresses that were given on as they are, or those of bounce buffers: what is to be undone are
/// the buffers.
final class UntranslatedMapping extends SegmentMapping {

    private final BounceBuffers buffers;
    private final IoOutcome outcome;

    UntranslatedMapping(
            List<DmaSegment> segments,
            DmaDirection direction,
            long length,
            BounceBuffers buffers,
            Runnable onClose) {
        super(segments, direction, length, onClose);
        this.buffers = buffers;
        this.outcome =
                switch (buffers.count()) {
                    case 0 -> IoOutcome.DIRECT;
                    case 1 -> IoOutcome.BOUNCE_SINGLE;
                    default -> IoOutcome.BOUNCE_SEVERAL;
                };
    }

    @Override
    public IoOutcome outcome() {
        return outcome;
    }

    @Override
    public void syncForCpu() {
        super.syncForCpu();
        buffers.syncForCpu();
    }

    @Override
    public void syncForDevice() {
        super.syncForDevice();
        buffers.syncForDevice();
    }

    @Override
    void undo() {
        buffers.close();
    }
}
