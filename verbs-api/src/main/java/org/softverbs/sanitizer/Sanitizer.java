package org.softverbs.sanitizer;

import java.util.List;
import java.util.function.Consumer;
import org.softverbs.dma.DmaDevice;

/// The sanitizer of a host: sees every mapping of its devices, what they and the CPU reach, and
/// what is done to keys.
///
/// Safe to use from any thread.
public interface Sanitizer {

    /// What was found first, in order: 4096 reports at most, so that a mistake in a loop does not
    /// use up the memory.
    List<Report> reports();

    /// Forgets the reports.
    void clear();

    /// Tells each report from now on, too, in the thread that made the mistake. What the listener
    /// throws comes out of the call that was wrong. The listener must not wait for another thread,
    /// which may wait for the sanitizer.
    void onReport(Consumer<Report> listener);

    /// Reports what a driver that goes away has left mapped, once for all of it, and forgets it.
    ///
    /// @param device as the host gave it
    void unbind(DmaDevice device);

    /// As [#unbind(DmaDevice)] for every device of the host.
    void unbindAll();

    /// Reports mappings and transactions that nobody can close any more, as the garbage collector
    /// has taken them.
    void collectLost();

    /// Mappings that are live now.
    long liveMappings();
}
