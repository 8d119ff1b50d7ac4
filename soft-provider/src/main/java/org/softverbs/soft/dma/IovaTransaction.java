package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.IoSummary;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceRequest;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IotlbGather;
import org.softverbs.soft.iommu.MapResult;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// A vector that gets one range of I/O virtual addresses. To link an element is to map its run,
/// once the last of the run's elements is there, by the memory itself or by bounce buffers.
///
/// Source: `iommu_dma_link` of `drivers/iommu/dma-iommu.c`: a bounce buffer lies in its granule as
/// the memory does, has its granules for itself, and shows zeros around the bytes.
final class IovaTransaction extends ElementTransaction {

    private final TranslatedDmaDevice device;
    private final IommuDomain domain;
    private final long granule;
    private final IovaLayout layout;
    private final int[] runOf;
    private final long iova;
    private final BounceBuffers buffers;

    /// Elements of each run that are not linked.
    private final int[] missing;

    private final int[] firstOf;
    private final int[] lastOf;

    /// Bytes of each run that are mapped, from its start.
    private final long[] mapped;

    /// @param runOf the run of each element
    /// @param iova what was allocated; nothing when the layout takes none
    IovaTransaction(
            TranslatedDmaDevice device,
            ElementList elements,
            IovaLayout layout,
            int[] runOf,
            long iova,
            BounceBuffers buffers) {
        super(elements, buffers.direction());
        this.device = device;
        this.domain = device.domain();
        this.granule = domain.granule();
        this.layout = layout;
        this.runOf = runOf;
        this.iova = iova;
        this.buffers = buffers;
        this.missing = new int[layout.count()];
        this.mapped = new long[layout.count()];
        this.firstOf = new int[layout.count()];
        this.lastOf = new int[layout.count()];
        for (int i = 0; i < runOf.length; i++) {
            int run = runOf[i];
            firstOf[run] = missing[run] == 0 ? i : firstOf[run];
            lastOf[run] = i;
            missing[run]++;
        }
    }

    @Override
    public IoSummary summary() {
        ElementList all = elements();
        return new IoSummary(
                all.bytes(),
                layout.iovaLength(),
                all.count(),
                all.busElements(),
                all.bouncedElements(),
                layout.isAligned());
    }

    @Override
    void linkElement(int index) {
        int run = runOf[index];
        if (missing[run] == 1 && !layout.isOnBus(run)) {
            int mark = buffers.count();
            try {
                linkRun(run);
            } catch (VerbsException refused) {
                unmapRun(run);
                buffers.discardFrom(mark);
                throw refused;
            }
        }
        missing[run]--;
    }

    private void linkRun(int run) {
        long at = layout.address(run);
        long end = at + layout.length(run);
        if (elements().path(firstOf[run]) instanceof ElementPath.Bounce) {
            bounce(run, firstOf[run], at, end);
            return;
        }
        boolean ends = device.isUntrusted();
        if (ends && !isWhole(at)) {
            long head = Math.min(end, (at & -granule) + granule);
            bounce(run, firstOf[run], at, head);
            at = head;
        }
        long middle = ends ? end & -granule : end;
        if (at < middle) {
            linkGranules(run, at & -granule, alignUp(middle));
            at = middle;
        }
        if (at < end) {
            bounce(run, lastOf[run], at, end);
        }
    }

    private boolean isWhole(long address) {
        return (address & (granule - 1)) == 0;
    }

    private long alignUp(long address) {
        return (address + granule - 1) & -granule;
    }

    /// Maps physical granules behind those of the run that are mapped.
    private void linkGranules(int run, long from, long end) {
        MapResult result =
                domain.link(
                        iova + layout.offset(run) + mapped[run],
                        from,
                        end - from,
                        direction().deviceReads(),
                        direction().deviceWrites());
        if (result != MapResult.MAPPED) {
            throw new VerbsException(
                    Errno.EIO,
                    VectorDmaDevice.MAP,
                    "the IOMMU refuses a run of the vector: " + result);
        }
        mapped[run] += end - from;
    }

    private void bounce(int run, int element, long from, long end) {
        long within = from & (granule - 1);
        BounceRequest request =
                BounceRequest.of(from, end - from, direction())
                        .withAllocSize(alignUp(end) - from)
                        .withAlignment(granule - 1, granule - 1);
        PhysicalVector buffer = buffers.take(elements(), element, request);
        GranulePads.clear(device.host().physicalMemory(), buffer, within, end - from);
        for (int i = 0; i < buffer.count(); i++) {
            long first = buffer.address(i) & -granule;
            linkGranules(run, first, alignUp(buffer.address(i) + buffer.length(i)));
        }
    }

    @Override
    DmaMapping finish() {
        if (layout.iovaLength() > 0) {
            domain.syncMap();
        }
        List<DmaSegment> segments = new ArrayList<>();
        layout.emit(iova, VectorDmaDevice.into(segments));
        IoOutcome outcome = segments.size() == 1 ? IoOutcome.IOVA_SINGLE : IoOutcome.IOVA_SPLIT;
        if (elements().busElements() > 0) {
            outcome = IoOutcome.IOVA_WITH_BUS;
        }
        return new VectorMapping(
                device, elements(), segments, buffers, layout.range(iova), outcome);
    }

    @Override
    void undo() {
        for (int run = 0; run < mapped.length; run++) {
            unmapRun(run);
        }
        buffers.discardFrom(0);
        device.free(layout.range(iova));
    }

    /// No device was told the addresses, but one that guesses finds nothing any more.
    private void unmapRun(int run) {
        if (mapped[run] > 0) {
            IotlbGather gather = IotlbGather.strict();
            domain.unmap(iova + layout.offset(run), mapped[run], gather);
            domain.sync(gather);
            mapped[run] = 0;
        }
    }
}
