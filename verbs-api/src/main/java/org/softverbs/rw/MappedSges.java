package org.softverbs.rw;

import java.util.List;
import org.softverbs.dma.DmaMapping;
import org.softverbs.verbs.Sge;

/// Elements for a work request, and the mapping behind them. Close it once the completion that
/// covers the request has come, or give the mapping to an [UnmapRing].
///
/// @param elements with the domain's local DMA key
/// @param mapping what makes their addresses good
public record MappedSges(List<Sge> elements, DmaMapping mapping) implements AutoCloseable {

    public MappedSges {
        elements = List.copyOf(elements);
    }

    @Override
    public void close() {
        mapping.close();
    }
}
