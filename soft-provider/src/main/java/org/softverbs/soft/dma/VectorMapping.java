package org.softverbs.soft.dma;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;

/// A vector that is mapped: its segments, and what is to be undone. Keeps a range of I/O virtual
/// addresses, if there is one, and bounce buffers, if there are any, but nothing for each element.
final class VectorMapping implements DmaMapping {

    private final VectorDmaDevice device;
    private final List<DmaSegment> segments;
    private final BounceBuffers buffers;
    private final DevicePrivatePages.Loans loans;
    private final IovaRange range;
    private final long length;
    private final IoOutcome outcome;
    private final int storedAddresses;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Addresses that no IOMMU translates.
    VectorMapping(
            VectorDmaDevice device,
            ElementList elements,
            List<DmaSegment> segments,
            BounceBuffers buffers) {
        this(device, elements, segments, buffers, IovaRange.NONE, IoOutcome.DIRECT);
    }

    /// @param range the addresses that it was given
    /// @param unbounced what it is when nothing was bounced
    VectorMapping(
            VectorDmaDevice device,
            ElementList elements,
            List<DmaSegment> segments,
            BounceBuffers buffers,
            IovaRange range,
            IoOutcome unbounced) {
        this.device = device;
        this.segments = List.copyOf(segments);
        this.buffers = buffers;
        this.loans = elements.loans();
        this.range = range;
        this.length = elements.bytes();
        int bounced = elements.bouncedElements();
        this.outcome = bounced == 0 ? unbounced : IoOutcome.ofBounced(bounced);
        this.storedAddresses = outcome == IoOutcome.BOUNCE_SEVERAL ? bounced : 0;
        device.countMap(buffers.bytes());
    }

    @Override
    public List<DmaSegment> segments() {
        return segments;
    }

    @Override
    public IoOutcome outcome() {
        return outcome;
    }

    @Override
    public int storedAddresses() {
        return storedAddresses;
    }

    @Override
    public DmaDirection direction() {
        return buffers.direction();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void syncForCpu() {
        requireOpen();
        buffers.syncForCpu();
    }

    @Override
    public void syncForDevice() {
        requireOpen();
        buffers.syncForDevice();
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the mapping is closed");
        }
    }

    /// First the device's reach ends, then what it wrote is copied back, then the addresses are
    /// free: a device that goes on writing spoils nothing.
    @Override
    public void close() {
        if (markClosed()) {
            device.unmap(range, isBounced());
            release();
        }
    }

    boolean isOf(VectorDmaDevice other) {
        return device == other;
    }

    /// @return whether it was open
    boolean markClosed() {
        return !closed.getAndSet(true);
    }

    boolean isBounced() {
        return !buffers.isEmpty();
    }

    IovaRange range() {
        return range;
    }

    /// What is left to do once the device's reach has ended.
    void release() {
        buffers.release();
        loans.end();
        device.free(range);
        device.countUnmap();
    }
}
