package org.softverbs.soft.explain;

import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PhysicalRange;

/// What became of one I/O.
///
/// @param list the memory, in order; empty when there was no host to put it in
/// @param mapped how it was mapped, or nothing when it was refused
/// @param mapping what the layers counted while it was mapped
/// @param unmapping what they counted while that was undone
/// @param movedBytes bytes that went through the segments in each direction
/// @param error what went wrong, if anything did
public record DmaReport(
        List<PhysicalRange> list,
        Optional<Mapped> mapped,
        DmaStatistics mapping,
        DmaStatistics unmapping,
        long movedBytes,
        Optional<String> error) {

    /// How an I/O was mapped.
    ///
    /// @param outcome one of the six
    /// @param segments what the device is given
    /// @param storedAddresses addresses that must be kept to undo it
    public record Mapped(IoOutcome outcome, List<DmaSegment> segments, int storedAddresses) {

        public Mapped {
            segments = List.copyOf(segments);
        }
    }

    public DmaReport {
        list = List.copyOf(list);
    }

    /// An I/O that was refused, or that went wrong.
    static DmaReport failed(List<PhysicalRange> list, String error) {
        DmaStatistics nothing = new DmaStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0);
        return new DmaReport(list, Optional.empty(), nothing, nothing, 0, Optional.of(error));
    }
}
