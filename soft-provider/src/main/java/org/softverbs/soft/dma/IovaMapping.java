package org.softverbs.soft.dma;

import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;

/// A range of IOVA with memory linked into it, and perhaps peers on the bus beside it.
final class IovaMapping extends SegmentMapping {

    private final TranslatedDmaDevice device;
    private final IovaLayout layout;
    private final long iova;
    private final boolean onBus;

    IovaMapping(
            TranslatedDmaDevice device,
            IovaLayout layout,
            long iova,
            List<DmaSegment> segments,
            boolean onBus,
            DmaDirection direction,
            long length,
            Runnable onClose) {
        super(segments, direction, length, onClose);
        this.device = device;
        this.layout = layout;
        this.iova = iova;
        this.onBus = onBus;
    }

    @Override
    public IoOutcome outcome() {
        if (onBus) {
            return IoOutcome.IOVA_WITH_BUS;
        }
        return segments().size() == 1 ? IoOutcome.IOVA_SINGLE : IoOutcome.IOVA_SPLIT;
    }

    @Override
    void undo() {
        device.unlink(layout, iova, layout.count());
    }
}
