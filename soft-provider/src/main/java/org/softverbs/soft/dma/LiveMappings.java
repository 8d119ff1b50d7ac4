package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaSegment;

/// What is mapped, by the addresses that were given for it.
///
/// Safe to use from any thread.
final class LiveMappings {

    /// Segments of a mapping that follow each other, and all runs of the mapping.
    private record Run(AutoCloseable handle, List<DmaSegment> mapping, long end) {}

    /// By first address; on a direct map several can begin at one, the youngest last.
    private final TreeMap<Long, List<Run>> runs = new TreeMap<>(Long::compareUnsigned);

    /// Whether segments are one range of addresses.
    static boolean isOneRun(List<DmaSegment> segments) {
        return joined(segments).size() == 1;
    }

    private static List<DmaSegment> joined(List<DmaSegment> segments) {
        List<DmaSegment> joined = new ArrayList<>(1);
        for (DmaSegment segment : segments) {
            DmaSegment last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && last.address() + last.length() == segment.address()) {
                long length = last.length() + segment.length();
                joined.set(joined.size() - 1, new DmaSegment(last.space(), last.address(), length));
            } else {
                joined.add(segment);
            }
        }
        return joined;
    }

    /// @param segments of the mapping; the first names it
    synchronized void add(AutoCloseable handle, List<DmaSegment> segments) {
        List<DmaSegment> mapping = joined(segments);
        for (DmaSegment run : mapping) {
            runs.computeIfAbsent(run.address(), any -> new ArrayList<>(1))
                    .add(new Run(handle, mapping, run.address() + run.length()));
        }
    }

    /// Takes out the youngest mapping that is named by an address.
    ///
    /// @return nothing when none is
    synchronized @Nullable AutoCloseable take(long address) {
        List<Run> here = runs.getOrDefault(address, List.of());
        for (int i = here.size() - 1; i >= 0; i--) {
            Run run = here.get(i);
            if (run.mapping().getFirst().address() == address) {
                run.mapping().forEach(it -> remove(it.address(), run.handle()));
                return run.handle();
            }
        }
        return null;
    }

    @SuppressWarnings("ReferenceEquality")
    private void remove(long address, AutoCloseable handle) {
        List<Run> here = runs.getOrDefault(address, List.of());
        for (int i = here.size() - 1; i >= 0; i--) {
            if (here.get(i).handle() == handle) {
                here.remove(i);
                break;
            }
        }
        if (here.isEmpty()) {
            runs.remove(address);
        }
    }

    /// Where what is mapped at an address ends.
    ///
    /// @return nothing when nothing is mapped there
    synchronized OptionalLong endOf(long address) {
        Map.Entry<Long, List<Run>> found = runs.floorEntry(address);
        if (found == null) {
            return OptionalLong.empty();
        }
        return found.getValue().stream()
                .mapToLong(Run::end)
                .filter(end -> Long.compareUnsigned(end - 1, address) >= 0)
                .reduce((a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
    }
}
