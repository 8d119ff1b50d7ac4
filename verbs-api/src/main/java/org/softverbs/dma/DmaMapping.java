package org.softverbs.dma;

import java.util.List;

/// Memory that a device may reach, until it is closed. The handle knows what was done and undoes
/// exactly that; no address, length or direction is asked for again.
///
/// Whoever made it closes it, once the completion that covers the request has come. Closing a
/// second time does nothing.
public interface DmaMapping extends AutoCloseable {

    /// What the device is to be given, in order.
    List<DmaSegment> segments();

    /// Which of the six outcomes it is.
    IoOutcome outcome();

    DmaDirection direction();

    /// Bytes that are mapped.
    long length();

    /// Lets the CPU see what the device wrote so far: bounced bytes are copied back.
    ///
    /// @throws IllegalStateException when it was closed
    void syncForCpu();

    /// Lets the device see what the CPU wrote meanwhile: bounced bytes are copied again.
    ///
    /// @throws IllegalStateException when it was closed
    void syncForDevice();

    @Override
    void close();
}
