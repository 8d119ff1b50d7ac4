package org.softverbs.soft.dma;

import java.util.List;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.memory.AddressedMemory;

/// A device of a test, attached to its host: with the sanitizer looking on, when the host has one.
/// What a test leaves mapped is closed at its end.
record TestDevice(DmaDevice device, AddressedMemory memory) implements DmaDevice {

    private TestDevice(DmaAttachment attachment) {
        this(attachment.device(), attachment.memory());
    }

    static TestDevice of(SoftwareDmaDevice device, Host host) {
        return new TestDevice(DmaAttachment.of(device, host));
    }

    static TestDevice of(AdapterDmaDevice device, Host host) {
        return new TestDevice(DmaAttachment.of(device, host));
    }

    static TestDevice of(TranslatedDmaDevice device, Host host) {
        return new TestDevice(DmaAttachment.of(device, host));
    }

    @Override
    public DmaAddressing addressing() {
        return device.addressing();
    }

    @Override
    public DmaLimits limits() {
        return device.limits();
    }

    @Override
    public DmaMapping map(PhysicalVector vector, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.map(vector, direction));
    }

    @Override
    public DmaTransaction begin(PhysicalVector vector, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.begin(vector, direction));
    }

    @Override
    public DmaMapping mapSg(ScatterList list, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.mapSg(list, direction));
    }

    @Override
    public DmaMapping mapPage(long physicalAddress, long length, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.mapPage(physicalAddress, length, direction));
    }

    @Override
    public DmaMapping mapPages(PhysicalVector vector, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.mapPages(vector, direction));
    }

    @Override
    public DmaMapping mapResource(long physicalAddress, long length, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.mapResource(physicalAddress, length, direction));
    }

    @Override
    public CoherentMemory allocateCoherent(long length) {
        return Sanitized.closeAtEnd(device.allocateCoherent(length));
    }

    @Override
    public DmaMapping mapSingle(long kernelAddress, long length, DmaDirection direction) {
        return Sanitized.closeAtEnd(device.mapSingle(kernelAddress, length, direction));
    }

    @Override
    public void unmapAll(List<DmaMapping> mappings) {
        device.unmapAll(mappings);
    }

    @Override
    public DmaStatistics statistics() {
        return device.statistics();
    }

    @Override
    public RawDma raw() {
        return device.raw();
    }
}
