package org.softverbs.soft.sanitize;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.packet.RunList;

/// Checks of what a device does with its addresses.
public final class AccessChecks {

    private final DeviceLedger ledger;
    private final LinkLedger links;

    AccessChecks(DeviceLedger ledger, LinkLedger links) {
        this.ledger = ledger;
        this.links = links;
    }

    /// The device reached for a range.
    ///
    /// @param address first byte, as the device sent it out
    /// @param length bytes, at least 1
    /// @param write whether it writes
    public void access(long address, long length, boolean write, DeviceAccess outcome) {
        synchronized (ledger.lock()) {
            long at = address;
            long left = length;
            while (left > 0) {
                TrackedMapping mapping = best(ledger.liveAt(at, 1), write);
                if (links.access(at, mapping)) {
                    return;
                }
                if (mapping == null) {
                    outside(at, left, write, outcome);
                    return;
                }
                long offset = mapping.offsetOf(at);
                long size = Math.min(left, mapping.runFrom(offset));
                if (!allows(mapping.direction(), write)) {
                    direction(mapping, at, size, write);
                    return;
                }
                if (outcome == DeviceAccess.PRIVATE) {
                    isPrivate(mapping, at, size);
                    return;
                }
                turn(mapping, at, offset, size, write);
                at += size;
                left -= size;
            }
        }
    }

    private static boolean allows(DmaDirection direction, boolean write) {
        return write ? direction.deviceWrites() : direction.deviceReads();
    }

    private static @Nullable TrackedMapping best(List<TrackedMapping> candidates, boolean write) {
        TrackedMapping best = null;
        for (TrackedMapping mapping : candidates) {
            if (best == null || !allows(best.direction(), write)) {
                best = mapping;
            }
        }
        return best;
    }

    private void direction(TrackedMapping mapping, long address, long size, boolean write) {
        ledger.report(
                Finding.DEVICE_AGAINST_DIRECTION,
                mapping.space(),
                address,
                size,
                mapping,
                "the device " + (write ? "writes" : "reads") + " it");
    }

    private void isPrivate(@Nullable TrackedMapping mapping, long address, long size) {
        ledger.report(
                Finding.PRIVATE_EXPOSED,
                AddressSpace.PHYSICAL,
                address,
                size,
                mapping,
                "the device reaches for private memory");
    }

    private void turn(TrackedMapping mapping, long address, long offset, long size, boolean write) {
        if (write) {
            ledger.sanitizer().noteDeviceWrite(mapping, offset, size);
        } else if (!isDevices(mapping, offset, size) && isChangedByCpu(mapping, offset, size)) {
            ledger.report(
                    Finding.MISSING_SYNC,
                    mapping.space(),
                    address,
                    size,
                    mapping,
                    "the device reads what the CPU wrote, without syncForDevice");
        }
    }

    private static boolean isDevices(TrackedMapping mapping, long offset, long size) {
        return mapping.ownership().deviceOwns(offset, size);
    }

    private boolean isChangedByCpu(TrackedMapping mapping, long offset, long size) {
        Ownership turn = mapping.ownership();
        return turn.cpuWrote(offset, size)
                || turn.firstChanged(
                                offset, size, false, ledger.sanitizer().memory(), mapping.memory())
                        >= 0;
    }

    private void outside(long address, long length, boolean write, DeviceAccess outcome) {
        if (outcome == DeviceAccess.PRIVATE) {
            isPrivate(null, address, length);
            return;
        }
        List<TrackedMapping> former = ledger.retiredAt(address, 1);
        if (isInUsedSlot(address)) {
            // Whoever had the slot before: it is another's now.
            inGranule(address, length, write);
        } else if (!former.isEmpty()) {
            afterUnmap(former.getLast(), address, length, outcome);
        } else if (!isForeign(address, length) && outcome != DeviceAccess.REFUSED) {
            inGranule(address, length, write);
        }
    }

    private void afterUnmap(
            TrackedMapping former, long address, long length, DeviceAccess outcome) {
        String how =
                switch (outcome) {
                    case GRANTED -> "it went through: there is no IOMMU, or the page is mapped";
                    case GRANTED_BY_STALE_ENTRY -> "it went through by a stale entry of the IOTLB";
                    case PRIVATE, REFUSED -> "it was refused";
                };
        ledger.report(Finding.DEVICE_USE_AFTER_UNMAP, former.space(), address, length, former, how);
    }

    /// Whether the address is one on the bus that another device was given.
    private boolean isForeign(long address, long length) {
        for (DeviceLedger other : ledger.sanitizer().ledgers()) {
            if (other.equals(ledger)) {
                continue;
            }
            for (TrackedMapping mapping : other.liveAt(address, 1)) {
                if (isBus(mapping, address)) {
                    ledger.report(
                            Finding.FOREIGN_BUS_ADDRESS,
                            AddressSpace.BUS,
                            address,
                            length,
                            mapping,
                            "the bus address was given to another device");
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isBus(TrackedMapping mapping, long address) {
        for (DmaSegment segment : mapping.segments()) {
            if (segment.space() == AddressSpace.BUS
                    && address - segment.address() >= 0
                    && address - segment.address() < segment.length()) {
                return true;
            }
        }
        return false;
    }

    private void inGranule(long address, long length, boolean write) {
        long size = Math.max(ledger.granule(), SlotHistory.SLOT);
        for (TrackedMapping near : ledger.liveAt(address & -size, size)) {
            boolean bounced = near.space() == AddressSpace.BOUNCE;
            if (bounced && !write && isDisclosed(address, length)) {
                ledger.report(
                        Finding.STALE_BYTES,
                        AddressSpace.BOUNCE,
                        address,
                        length,
                        near,
                        "bytes around it are read that may be somebody else's");
                return;
            }
            if (bounced || ledger.granule() > 1) {
                ledger.report(
                        Finding.DEVICE_OUTSIDE_MAPPING,
                        near.space(),
                        address,
                        length,
                        near,
                        "the device reaches beyond it");
                return;
            }
        }
    }

    /// Whether the address is beside a buffer, in its slot.
    private boolean isInUsedSlot(long address) {
        return ledger.liveAt(address & -SlotHistory.SLOT, SlotHistory.SLOT).stream()
                .anyMatch(it -> it.space() == AddressSpace.BOUNCE);
    }

    private boolean isDisclosed(long address, long length) {
        if (ledger.sanitizer().slots().wasUsed(address, length)) {
            return true;
        }
        RunList runs = new RunList();
        if (!ledger.sanitizer().memory().resolve(address, length, runs)) {
            return false;
        }
        for (long at = 0; at < length; at++) {
            if (runs.byteAt(at) != 0) {
                return true;
            }
        }
        return false;
    }
}
