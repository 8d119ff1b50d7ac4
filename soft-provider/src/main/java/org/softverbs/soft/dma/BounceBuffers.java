package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.soft.bounce.BouncePool;

/// The bounce buffers of one mapping.
final class BounceBuffers implements AutoCloseable {

    private record Buffer(BouncePool pool, long address, long length) {}

    private final DmaDirection direction;
    private final List<Buffer> buffers = new ArrayList<>();

    BounceBuffers(DmaDirection direction) {
        this.direction = direction;
    }

    DmaDirection direction() {
        return direction;
    }

    void add(BouncePool pool, long address, long length) {
        buffers.add(new Buffer(pool, address, length));
    }

    int count() {
        return buffers.size();
    }

    long bytes() {
        return buffers.stream().mapToLong(Buffer::length).sum();
    }

    void syncForCpu() {
        for (Buffer buffer : buffers) {
            buffer.pool.syncForCpu(buffer.address, buffer.length, direction);
        }
    }

    void syncForDevice() {
        for (Buffer buffer : buffers) {
            buffer.pool.syncForDevice(buffer.address, buffer.length, direction);
        }
    }

    /// Copies back what the device wrote, and gives the buffers back.
    @Override
    public void close() {
        for (Buffer buffer : buffers) {
            buffer.pool.unmap(buffer.address, buffer.length, direction, false);
        }
        buffers.clear();
    }
}
