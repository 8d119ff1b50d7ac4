package org.softverbs.soft.explain;

import java.util.Locale;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.ScatterList;

/// Ways to map a list.
public enum MappingApi {
    /// `dma_map_sg`.
    SG,
    /// One look, one allocation, a link for each element, one sync.
    TWO_STEP,
    /// `dma_map_page` in a loop.
    PAGE_LOOP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    DmaMapping map(DmaDevice device, ScatterList list, DmaDirection direction) {
        return switch (this) {
            case SG -> device.mapSg(list, direction);
            case TWO_STEP -> inTwoSteps(device, list, direction);
            case PAGE_LOOP -> device.mapPages(list, direction);
        };
    }

    private static DmaMapping inTwoSteps(
            DmaDevice device, ScatterList list, DmaDirection direction) {
        try (DmaTransaction transaction = device.begin(list, direction)) {
            for (int i = 0; i < list.count(); i++) {
                transaction.link(i);
            }
            return transaction.done();
        }
    }
}
