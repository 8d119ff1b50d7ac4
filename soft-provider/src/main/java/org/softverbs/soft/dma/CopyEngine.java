package org.softverbs.soft.dma;

import java.util.Optional;
import java.util.OptionalLong;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.DevicePagemapOperations;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What the driver of a device with private memory does: moves a folio by the device's own DMA,
/// mapped for the device as any other, and lends what its BAR shows to everybody.
///
/// Source: `migrate_to_ram` of `drivers/gpu/drm/nouveau/nouveau_dmem.c`.
public final class CopyEngine implements DevicePagemapOperations {

    private final DmaAttachment attachment;

    /// @param attachment of the device that owns the memory; used by nobody else
    public CopyEngine(DmaAttachment attachment) {
        this.attachment = attachment;
    }

    /// One folio at a time.
    @Override
    public synchronized void migrateToRam(DevicePrivateFolio folio, PhysicalAllocation target) {
        try (DmaMapping mapping = attachment.device().map(target, DmaDirection.FROM_DEVICE)) {
            long done = 0;
            for (DmaSegment segment : mapping.segments()) {
                copy(folio, done, segment);
                done += segment.length();
            }
        }
    }

    private void copy(DevicePrivateFolio folio, long from, DmaSegment segment) {
        RunList target = new RunList();
        AccessResult result =
                attachment.memory().resolve(segment.address(), segment.length(), true, target);
        RunList source = new RunList();
        source.add(folio.deviceBytes(), from, segment.length());
        if (result != AccessResult.GRANTED || !source.copyTo(target)) {
            throw new VerbsException(
                    Errno.EIO, "migrateToRam", folio + " cannot be moved: " + result);
        }
    }

    @Override
    public OptionalLong dmaAddressForDevice(
            DevicePrivateFolio folio, Optional<PciFunction> client) {
        return folio.windowAddress();
    }
}
