package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoSummary;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceRequest;
import org.softverbs.soft.physical.LinearMap;

/// A vector whose addresses are given on as they are, or replaced by those of bounce buffers: to
/// link an element is to find it a buffer, if it needs one.
final class UntranslatedTransaction extends ElementTransaction {

    private final VectorDmaDevice device;
    private final AddressSpace space;
    private final SegmentJoiner joiner;
    private final BounceBuffers buffers;
    private final @Nullable PhysicalVector[] bufferOf;

    /// @param space what the device is given: `PHYSICAL` or `VIRTUAL` addresses
    /// @param joiner what segments the device takes
    UntranslatedTransaction(
            VectorDmaDevice device,
            ElementList elements,
            AddressSpace space,
            SegmentJoiner joiner,
            BounceBuffers buffers) {
        super(elements, buffers.direction());
        this.device = device;
        this.space = space;
        this.joiner = joiner;
        this.buffers = buffers;
        this.bufferOf = new PhysicalVector[elements.bouncedElements() == 0 ? 0 : elements.count()];
    }

    @Override
    public IoSummary summary() {
        ElementList all = elements();
        return new IoSummary(
                all.bytes(), 0, all.count(), all.busElements(), all.bouncedElements(), true);
    }

    @Override
    void linkElement(int index) {
        if (elements().path(index).isBounced()) {
            DmaDirection direction = direction();
            BounceRequest request =
                    BounceRequest.of(
                            elements().address(index), elements().length(index), direction);
            bufferOf[index] = buffers.take(elements(), index, request);
        }
    }

    @Override
    DmaMapping finish() {
        List<DmaSegment> segments = new ArrayList<>();
        joiner.begin(VectorDmaDevice.into(segments));
        for (int i = 0; i < elements().count(); i++) {
            @Nullable PhysicalVector buffer = bufferOf.length == 0 ? null : bufferOf[i];
            if (elements().path(i) instanceof ElementPath.Bus bus) {
                joiner.add(AddressSpace.BUS, bus.busAddress(), elements().length(i));
            } else if (buffer != null) {
                addRuns(buffer);
            } else {
                joiner.add(space, deviceAddress(elements().address(i)), elements().length(i));
            }
        }
        joiner.end();
        return new VectorMapping(device, elements(), segments, buffers);
    }

    /// Buffers of two elements may be neighbours by chance: they are given back one by one.
    private void addRuns(PhysicalVector buffer) {
        joiner.split();
        for (int i = 0; i < buffer.count(); i++) {
            joiner.add(AddressSpace.BOUNCE, buffer.address(i), buffer.length(i));
        }
    }

    private long deviceAddress(long physical) {
        return space == AddressSpace.VIRTUAL ? LinearMap.virtual(physical) : physical;
    }

    @Override
    void undo() {
        buffers.discardFrom(0);
    }
}
