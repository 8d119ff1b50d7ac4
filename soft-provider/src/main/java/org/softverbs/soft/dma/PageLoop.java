package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.host.Host;
import org.softverbs.verbs.VerbsException;

/// Maps page by page, which is how not to do it.
final class PageLoop {

    private final VectorDmaDevice device;
    private final List<DmaMapping> pages = new ArrayList<>();
    private int bouncedElements;
    private boolean onBus;
    private boolean translated;

    PageLoop(VectorDmaDevice device) {
        this.device = device;
    }

    /// @throws VerbsException when a page is refused; nothing is left mapped
    DmaMapping map(PhysicalVector vector, DmaDirection direction) {
        ElementList elements = ElementList.sweep(vector, device::find, device.privatePages());
        try {
            for (int i = 0; i < elements.count(); i++) {
                bouncedElements += mapElement(vector, i, direction) ? 1 : 0;
            }
        } catch (VerbsException refused) {
            pages.forEach(DmaMapping::close);
            throw refused;
        } finally {
            // Each page has a loan of its own.
            elements.loans().end();
        }
        return new PageLoopMapping(List.copyOf(pages), outcome());
    }

    /// @return whether a page of it was bounced
    private boolean mapElement(PhysicalVector vector, int index, DmaDirection direction) {
        boolean bounced = false;
        long at = vector.address(index);
        long end = at + vector.length(index);
        while (at < end) {
            long pageEnd = Math.min(end, (at & -Host.PAGE) + Host.PAGE);
            DmaMapping page = device.mapPage(at, pageEnd - at, direction);
            pages.add(page);
            switch (page.outcome()) {
                case BOUNCE_SINGLE, BOUNCE_SEVERAL -> bounced = true;
                case IOVA_WITH_BUS -> onBus = true;
                case IOVA_SINGLE, IOVA_SPLIT -> translated = true;
                case DIRECT -> {}
            }
            at = pageEnd;
        }
        return bounced;
    }

    private IoOutcome outcome() {
        if (bouncedElements > 0) {
            return IoOutcome.ofBounced(bouncedElements);
        }
        if (onBus) {
            return IoOutcome.IOVA_WITH_BUS;
        }
        if (translated) {
            return pages.size() == 1 ? IoOutcome.IOVA_SINGLE : IoOutcome.IOVA_SPLIT;
        }
        return IoOutcome.DIRECT;
    }
}
