package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.BounceRequest;
import org.softverbs.soft.bounce.BounceResult;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The bounce buffers of one mapping.
final class BounceBuffers {

    /// Tells whether the device reaches a buffer.
    @FunctionalInterface
    interface Reach {
        boolean reaches(long address, long length);
    }

    private record Buffer(BouncePool pool, long address, long length) {}

    private final Optional<BouncePool> pool;
    private final Reach reach;
    private final BooleanSupplier allowed;
    private final DmaDirection direction;
    private final List<Buffer> buffers = new ArrayList<>();

    /// @param pool where they come from, if there is one
    /// @param reach what the device reaches of them
    /// @param allowed whether the host lets one be taken now; asked once for each
    BounceBuffers(
            Optional<BouncePool> pool,
            Reach reach,
            BooleanSupplier allowed,
            DmaDirection direction) {
        this.allowed = allowed;
        this.pool = pool;
        this.reach = reach;
        this.direction = direction;
    }

    /// For a device that bounces nothing.
    static BounceBuffers none(DmaDirection direction) {
        return new BounceBuffers(
                Optional.empty(), (address, length) -> true, () -> true, direction);
    }

    DmaDirection direction() {
        return direction;
    }

    boolean isEmpty() {
        return buffers.isEmpty();
    }

    int count() {
        return buffers.size();
    }

    long bytes() {
        return buffers.stream().mapToLong(Buffer::length).sum();
    }

    /// Takes a buffer for an element or a part of it, with the bytes in it.
    ///
    /// @param element its number, for the refusal
    /// @throws VerbsException when there is none, or none that the device
    ///     reaches
    PhysicalVector take(ElementList elements, int element, BounceRequest request) {
        if (pool.isEmpty()) {
            throw refusal(elements, element, Errno.EIO, "");
        }
        if (!allowed.getAsBoolean()) {
            throw refusal(elements, element, Errno.ENOMEM, ": the host has no memory for it now");
        }
        return switch (pool.get().map(request)) {
            case BounceResult.Bounced bounced -> {
                if (!isReached(bounced.buffer())) {
                    pool.get().unmap(bounced.address(), request.mappingSize(), direction, true);
                    throw refusal(elements, element, Errno.EIO, " that it reaches");
                }
                buffers.add(new Buffer(pool.get(), bounced.address(), request.mappingSize()));
                yield bounced.buffer();
            }
            case BounceResult.Refused refused ->
                    throw refusal(elements, element, Errno.ENOMEM, why(refused, request));
        };
    }

    private String why(BounceResult.Refused refused, BounceRequest request) {
        long most = pool.map(any -> any.largestMapping(request.minAlignMask())).orElse(0L);
        return switch (refused.reason()) {
            case POOL_FULL -> ": the pool is full (POOL_FULL)";
            case TOO_LARGE -> ": the largest has " + most + " bytes (TOO_LARGE)";
            case ALIGNMENT -> " with the alignment that the IOMMU's granule asks for (ALIGNMENT)";
            case NO_MEMORY -> ": the memory is gone (NO_MEMORY)";
            case OUT_OF_REACH -> " that it reaches (OUT_OF_REACH)";
        };
    }

    private static VerbsException refusal(
            ElementList elements, int element, Errno errno, String detail) {
        String reason =
                switch (elements.path(element)) {
                    case ElementPath.Bounce bounce -> bounce.reason();
                    case ElementPath.BounceEnds ends -> ends.reason();
                    case ElementPath.Memory memory -> "is memory";
                    case ElementPath.Bus bus -> "is on the bus";
                    case ElementPath.Refused refused -> refused.reason();
                };
        return elements.refusal(
                element, errno, reason + ", and there is no bounce buffer" + detail);
    }

    private boolean isReached(PhysicalVector buffer) {
        for (int i = 0; i < buffer.count(); i++) {
            if (!reach.reaches(buffer.address(i), buffer.length(i))) {
                return false;
            }
        }
        return true;
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
    void release() {
        for (Buffer buffer : buffers) {
            buffer.pool.unmap(buffer.address, buffer.length, direction, false);
        }
        buffers.clear();
    }

    /// Gives back the buffers behind the first so many, which no device ever saw.
    void discardFrom(int first) {
        while (buffers.size() > first) {
            Buffer buffer = buffers.removeLast();
            buffer.pool.unmap(buffer.address, buffer.length, direction, true);
        }
    }
}
