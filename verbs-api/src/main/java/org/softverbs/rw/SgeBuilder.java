package org.softverbs.rw;

import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.Sge;

/// Builds elements out of memory: with the right address for the device, whatever that is
/// (physical, virtual or for the IOMMU), and always with the domain's local DMA key.
///
/// Inline data needs none of it: it is the CPU's own memory, copied when the request is posted.
///
/// Source: `rdma_fill_ib_sge_from_sgl()` and `rdma_map_sge_single()` as proposed in "remove
/// dma_virt_ops", linux-rdma, November 2020.
public final class SgeBuilder {

    private SgeBuilder() {}

    /// Maps memory and describes it.
    ///
    /// @param domain whose key the elements carry, and whose device reaches the memory
    /// @param memory the bytes, in order
    /// @return as many elements as the device needs: the mapping's segments
    /// @throws org.softverbs.verbs.VerbsException as [org.softverbs.dma.DmaDevice#map]
    public static MappedSges fillSgeFromSgl(
            PrivilegedDomain domain, PhysicalVector memory, DmaDirection direction) {
        return describe(domain, domain.context().dma().map(memory, direction));
    }

    /// Maps memory of the kernel's linear map and describes it.
    ///
    /// @param kernelAddress as [org.softverbs.dma.PhysicalMemory#kernelAddress] gives it
    /// @param length bytes, at least 1
    /// @throws org.softverbs.verbs.VerbsException as [org.softverbs.dma.DmaDevice#mapSingle]
    public static MappedSges mapSgeSingle(
            PrivilegedDomain domain, long kernelAddress, long length, DmaDirection direction) {
        return describe(domain, domain.context().dma().mapSingle(kernelAddress, length, direction));
    }

    private static MappedSges describe(PrivilegedDomain domain, DmaMapping mapping) {
        return new MappedSges(elements(domain, mapping.segments()), mapping);
    }

    /// The segments of a mapping as elements.
    static List<Sge> elements(PrivilegedDomain domain, List<DmaSegment> segments) {
        int key = domain.localDmaLkey();
        return segments.stream().map(segment -> element(segment, key)).toList();
    }

    private static Sge element(DmaSegment segment, int key) {
        return new Sge(segment.address(), (int) segment.length(), key);
    }
}
