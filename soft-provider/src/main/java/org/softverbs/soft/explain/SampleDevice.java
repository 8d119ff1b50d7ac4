package org.softverbs.soft.explain;

import java.util.Optional;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaLimits;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.dma.AdapterDmaDevice;
import org.softverbs.soft.dma.AdapterProperties;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.SoftwareDmaDevice;
import org.softverbs.soft.dma.TranslatedDmaDevice;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.memory.AddressedMemory;

/// A device on a [SampleHost], and memory as it sees it.
///
/// @param dma its DMA layer
/// @param memory what it finds at the addresses that it is given
public record SampleDevice(DmaDevice dma, AddressedMemory memory) {

    private static final int IOTLB_ENTRIES = 64;
    private static final int TABLE_BITS = 9;
    private static final int LARGEST_BITS = 47;

    /// Builds the device that was chosen.
    public static SampleDevice on(SampleHost sample, DeviceChoice choice) {
        if (!choice.isAdapter()) {
            SoftwareDmaDevice software =
                    new SoftwareDmaDevice(
                            sample.host().physicalMemory(),
                            choice.addressing(),
                            DmaLimits.ofBits(Long.SIZE));
            return new SampleDevice(software, software.memory());
        }
        return choice.iommu() ? translated(sample, choice) : direct(sample, choice);
    }

    private static SampleDevice direct(SampleHost sample, DeviceChoice choice) {
        AdapterDmaDevice adapter =
                new AdapterDmaDevice(
                        sample.host(), sample.adapter(), properties(choice), pool(sample, choice));
        return new SampleDevice(adapter, adapter.memory());
    }

    private static SampleDevice translated(SampleHost sample, DeviceChoice choice) {
        TreeIovaAllocator allocator = new TreeIovaAllocator(choice.granule(), 1);
        IommuDomain domain =
                new IommuDomain(
                        pageSizes(choice.granule()),
                        FlushPolicy.STRICT,
                        allocator,
                        IOTLB_ENTRIES,
                        Cpus.one());
        TranslatedDmaDevice adapter =
                new TranslatedDmaDevice(
                        sample.host(),
                        sample.adapter(),
                        properties(choice),
                        domain,
                        new IovaPolicy(allocator, choice.granule(), LowAddresses.ALWAYS_FIRST),
                        pool(sample, choice));
        return new SampleDevice(adapter, adapter.memory());
    }

    /// The granule and, as in every page table, what a whole table of the lower size has.
    private static PageSizes pageSizes(long granule) {
        long sizes = 0;
        int bits = Long.numberOfTrailingZeros(granule);
        for (int bit = bits;
                bit <= LARGEST_BITS && bit <= bits + TABLE_BITS * 2;
                bit += TABLE_BITS) {
            sizes |= 1L << bit;
        }
        return new PageSizes(sizes);
    }

    private static AdapterProperties properties(DeviceChoice choice) {
        DmaLimits limits = DmaLimits.ofBits(choice.maskBits());
        long boundary = Math.max(limits.segmentBoundary(), choice.granule() - 1);
        return AdapterProperties.standard()
                .withLimits(new DmaLimits(limits.mask(), boundary, limits.maxSegment()))
                .withBouncePolicy(
                        switch (choice.bouncing()) {
                            case OFF -> BouncePolicy.OFF;
                            case ON -> BouncePolicy.WHERE_NEEDED;
                            case FORCE -> BouncePolicy.ALWAYS;
                        });
    }

    private static Optional<BouncePool> pool(SampleHost sample, DeviceChoice choice) {
        return switch (choice.bouncing()) {
            case OFF -> Optional.empty();
            case ON, FORCE ->
                    Optional.of(
                            new SwiotlbPool(
                                    sample.host().physicalMemory(), SwiotlbSettings.defaults(1)));
        };
    }
}
