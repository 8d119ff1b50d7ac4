package org.softverbs.sanitizer;

import java.util.List;
import java.util.function.Consumer;
import org.softverbs.dma.DmaDevice;

/// The sanitizer of a host: sees every mapping of its devices, what they and the CPU reach, and
/// what is done to keys.
///
/// Safe to use from any thread.
public interface Sanitizer {

    /// What was found so far, in order.
    List<Report> reports();

    /// Forgets the reports.
    void clear();

    /// Tells each report from now on, too, in the thread that made the mistake. What the listener
    /// throws comes out of the call that was wrong.
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
