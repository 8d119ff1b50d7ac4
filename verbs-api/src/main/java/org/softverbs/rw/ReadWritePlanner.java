package org.softverbs.rw;

import java.util.Optional;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.IoOutcome;

/// The one place where it is decided between elements and registrations: once for an I/O, on the
/// number of segments that are left *after* mapping.
///
/// Linux asked the number of pages for a while. Behind an IOMMU, or with pages that are neighbours,
/// that number says nothing: each READ of several pages took a registration, and the pool ran dry.
///
/// Source: `drivers/infiniband/core/rw.c`.
public final class ReadWritePlanner {

    private final ReadWriteLimits limits;

    public ReadWritePlanner(ReadWriteLimits limits) {
        this.limits = limits;
    }

    /// Decides for memory that is mapped.
    ///
    /// @param kind the structure that describes it
    /// @param elements how many elements that structure has
    /// @param mapping what the DMA layer made of them
    public ReadWriteDecision decide(VectorKind kind, int elements, DmaMapping mapping) {
        boolean read = isRead(mapping);
        int segments = mapping.segments().size();
        if (limits.forceRegistration()) {
            return registered("registrations are forced for every I/O");
        }
        if (read && limits.readNeedsRegistration()) {
            return registered(
                    "an iWARP READ names its sink to the peer, on the wire: the local key must not"
                            + " go there, a registration's may");
        }
        if (read && limits.mayRegister() && isAboveLimit(segments)) {
            return registered(aboveLimit(segments));
        }
        if (segments == 1) {
            return single(kind, elements, mapping.outcome());
        }
        return multi(segments, read, "");
    }

    /// Decides again when the pool has no registration left.
    ///
    /// @return nothing when it cannot be done without one
    public Optional<ReadWriteDecision> decideWithoutRegistration(DmaMapping mapping) {
        boolean read = isRead(mapping);
        if (limits.forceRegistration() || (read && limits.readNeedsRegistration())) {
            return Optional.empty();
        }
        int segments = mapping.segments().size();
        return Optional.of(
                multi(segments, read, aboveLimit(segments) + ", but no registration is free: "));
    }

    private static boolean isRead(DmaMapping mapping) {
        return mapping.direction() == DmaDirection.FROM_DEVICE;
    }

    private boolean isAboveLimit(int segments) {
        return limits.maxSglRead() > 0 && segments > limits.maxSglRead();
    }

    private String aboveLimit(int segments) {
        return "a READ into %d segments is above the %d that this device reads into well"
                .formatted(segments, limits.maxSglRead());
    }

    private static ReadWriteDecision registered(String reason) {
        return new ReadWriteDecision(ReadWriteStrategy.MR, reason);
    }

    private static ReadWriteDecision single(VectorKind kind, int elements, IoOutcome outcome) {
        if (elements == 1) {
            return new ReadWriteDecision(
                    ReadWriteStrategy.SINGLE, "one element is one segment for the device");
        }
        if (outcome != IoOutcome.IOVA_SINGLE) {
            return new ReadWriteDecision(
                    ReadWriteStrategy.SINGLE,
                    "the %d elements are one segment once they are mapped".formatted(elements));
        }
        String reason = "the IOMMU made one range of the %d elements".formatted(elements);
        return switch (kind) {
            case SCATTER_LIST -> new ReadWriteDecision(ReadWriteStrategy.SINGLE, reason);
            case BIO_VECTOR -> new ReadWriteDecision(ReadWriteStrategy.IOVA, reason);
        };
    }

    private ReadWriteDecision multi(int segments, boolean read, String before) {
        int each = limits.elementsPerRequest(read);
        int requests = Math.ceilDiv(segments, each);
        return new ReadWriteDecision(
                ReadWriteStrategy.MULTI,
                "%s%d segments after mapping go into %d request%s of up to %d elements, without a registration"
                        .formatted(before, segments, requests, requests == 1 ? "" : "s", each));
    }
}
