package org.softverbs.soft.pci;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// The memory of a device that nobody else can address, as the kernel has it: names without bytes
/// behind them, and the driver's operations.
///
/// Safe to use from any thread. Kernel name: `struct dev_pagemap` of type `MEMORY_DEVICE_PRIVATE`.
public final class DevicePagemap {

    private final DevicePagemaps registry;
    private final SparsePhysicalMemory memory;
    private final PciFunction owner;
    private final @Nullable BarWindow window;
    private final DevicePagemapOperations operations;
    private final AtomicLong migratedBytes = new AtomicLong();
    private final AtomicLong aliases = new AtomicLong();

    DevicePagemap(
            DevicePagemaps registry,
            SparsePhysicalMemory memory,
            PciFunction owner,
            @Nullable PhysicalAllocation window,
            DevicePagemapOperations operations) {
        this.registry = registry;
        this.memory = memory;
        this.owner = owner;
        this.window = window == null ? null : new BarWindow(window);
        this.operations = operations;
    }

    /// Takes memory of the device, all zero: behind its BAR while there is room, else where no BAR
    /// shows it.
    ///
    /// @param length bytes, at least 1
    public DevicePrivateFolio allocate(long length) {
        PhysicalAllocation name = memory.nameDevicePrivate(length);
        DevicePrivateFolio folio = place(name);
        registry.add(folio);
        return folio;
    }

    private DevicePrivateFolio place(PhysicalAllocation name) {
        BarWindow shown = window;
        OptionalLong alias = shown == null ? OptionalLong.empty() : shown.take(name.total());
        if (shown == null || alias.isEmpty()) {
            return new DevicePrivateFolio(this, name, name.segment(), OptionalLong.empty());
        }
        MemorySegment bytes = shown.bytes(alias.getAsLong(), name.total());
        bytes.fill((byte) 0);
        return new DevicePrivateFolio(this, name, bytes, alias);
    }

    /// Whose memory it is.
    public PciFunction owner() {
        return owner;
    }

    /// Bytes that were moved to system memory.
    public long migratedBytes() {
        return migratedBytes.get();
    }

    /// How often a folio was lent by an address in a BAR.
    public long aliases() {
        return aliases.get();
    }

    SparsePhysicalMemory memory() {
        return memory;
    }

    void migrate(DevicePrivateFolio folio, PhysicalAllocation target) {
        operations.migrateToRam(folio, target);
        migratedBytes.addAndGet(folio.total());
    }

    OptionalLong alias(DevicePrivateFolio folio, Optional<PciFunction> client) {
        return operations.dmaAddressForDevice(folio, client);
    }

    void countAlias() {
        aliases.incrementAndGet();
    }

    /// Forgets a folio that nobody reaches any more; its place in the BAR is free again.
    void remove(DevicePrivateFolio folio) {
        registry.remove(folio);
        BarWindow shown = window;
        OptionalLong alias = folio.windowAddress();
        if (shown != null && alias.isPresent()) {
            shown.giveBack(alias.getAsLong(), folio.total());
        }
    }
}
