package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.BounceRequest;
import org.softverbs.soft.bounce.BounceResult;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The DMA layer of an adapter on the PCI bus without an IOMMU: it sends out physical addresses, a
/// peer's address on the bus, and what it cannot reach stands in a bounce buffer.
///
/// Source: `kernel/dma/direct.c`. Linux gives an element for each element; here neighbours are
/// joined.
public final class AdapterDmaDevice extends VectorDmaDevice {

    private final AdapterProperties properties;
    private final Optional<BouncePool> pool;
    private final PathFinder paths;
    private final AtomicLong bouncedBytes = new AtomicLong();

    /// @param adapter where the device sits on the bus
    /// @param pool bounce buffers, if there are any
    public AdapterDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            Optional<BouncePool> pool) {
        this.properties = properties;
        this.pool = pool;
        this.paths = new PathFinder(host, adapter, properties, false);
    }

    @Override
    public DmaAddressing addressing() {
        return DmaAddressing.IOVA;
    }

    @Override
    public DmaLimits limits() {
        return properties.limits();
    }

    @Override
    DmaMapping mapElements(PhysicalVector vector, DmaDirection direction, Runnable onClose) {
        BounceBuffers buffers = new BounceBuffers(direction);
        try {
            List<DmaSegment> segments = segments(vector, buffers);
            bouncedBytes.addAndGet(buffers.bytes());
            return new UntranslatedMapping(segments, direction, vector.total(), buffers, onClose);
        } catch (VerbsException refused) {
            buffers.close();
            throw refused;
        }
    }

    private List<DmaSegment> segments(PhysicalVector vector, BounceBuffers buffers) {
        List<DmaSegment> segments = new ArrayList<>();
        SegmentJoiner joiner =
                new SegmentJoiner(limits().segmentBoundary(), limits().maxSegment())
                        .begin(into(segments));
        for (int i = 0; i < vector.count(); i++) {
            long address = vector.address(i);
            long length = vector.length(i);
            switch (paths.find(address, length)) {
                case ElementPath.Memory memory ->
                        joiner.add(AddressSpace.PHYSICAL, address, length);
                case ElementPath.Bus bus -> joiner.add(AddressSpace.BUS, bus.busAddress(), length);
                case ElementPath.Bounce bounce ->
                        addRanges(joiner, bounce(i, address, length, bounce.reason(), buffers));
                case ElementPath.Refused refused ->
                        throw refused(i, address, length, refused.errno(), refused.reason());
            }
        }
        joiner.end();
        return segments;
    }

    private static void addRanges(SegmentJoiner joiner, PhysicalVector buffer) {
        for (int i = 0; i < buffer.count(); i++) {
            joiner.add(AddressSpace.BOUNCE, buffer.address(i), buffer.length(i));
        }
    }

    private PhysicalVector bounce(
            int index, long address, long length, String reason, BounceBuffers buffers) {
        if (pool.isEmpty()) {
            throw refused(
                    index, address, length, Errno.EIO, reason + ", and there is no bounce buffer");
        }
        BounceRequest request = BounceRequest.of(address, length, buffers.direction());
        return switch (pool.get().map(request)) {
            case BounceResult.Bounced bounced -> {
                buffers.add(pool.get(), bounced.address(), length);
                yield bounced.buffer();
            }
            case BounceResult.Refused refused ->
                    throw refused(
                            index,
                            address,
                            length,
                            Errno.ENOMEM,
                            reason + ", and there is no bounce buffer: " + refused.reason());
        };
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(
                maps(),
                unmaps(),
                0,
                0,
                0,
                0,
                bouncedBytes.get(),
                pool.map(buffers -> buffers.statistics().bytesCopied()).orElse(0L));
    }
}
