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

    /// Tells the segments in order, for a list in the device's own format.
    default void forEachSegment(SegmentConsumer consumer) {
        for (DmaSegment segment : segments()) {
            consumer.segment(segment.space(), segment.address(), segment.length());
        }
    }

    /// Which of the six outcomes it is.
    IoOutcome outcome();

    /// How many addresses must be kept beside the I/O so that it can be undone: none where the one
    /// range of I/O virtual addresses, or the one buffer, tells all; else one for each bounced
    /// element, and for [DmaDevice#mapPages] one for each page that has something to be undone.
    int storedAddresses();

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
