package org.softverbs.soft.dma;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaLimits;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.DmaSanitizer;
import org.softverbs.soft.sanitize.WatchedDevice;

/// How a device is attached to its host's memory: the layer that gives it addresses, and what it
/// finds at them.
///
/// @param device makes memory reachable for the device
/// @param memory what the device sees at the addresses that it is given
/// @param end gives back what was taken of the host for it
public record DmaAttachment(DmaDevice device, AddressedMemory memory, Runnable end)
        implements AutoCloseable {

    private static final int IOTLB_ENTRIES = 64;
    private static final int TABLE_BITS = 9;
    private static final int LARGEST_BITS = 47;

    /// Attaches a device; an adapter gets a place of its own on the bus of the host.
    ///
    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is no memory for its bounce
    ///     buffers
    public static DmaAttachment of(DmaSettings settings, Host host) {
        if (!settings.isAdapter()) {
            return ofSoftware(settings, host);
        }
        PciFunction adapter = host.pci().addAdapter();
        try {
            return ofAdapter(settings, host, adapter)
                    .endingWith(() -> host.pci().removeAdapter(adapter));
        } catch (RuntimeException refused) {
            host.pci().removeAdapter(adapter);
            throw refused;
        }
    }

    /// Attaches a device; as an adapter it has its place on the bus.
    ///
    /// @throws org.softverbs.verbs.VerbsException as [#of(DmaSettings, Host)]
    public static DmaAttachment of(DmaSettings settings, Host host, PciFunction adapter) {
        return settings.isAdapter()
                ? ofAdapter(settings, host, adapter)
                : ofSoftware(settings, host);
    }

    /// Attaches a device whose CPU moves its data, with the host's sanitizer if that is on.
    public static DmaAttachment of(SoftwareDmaDevice device, Host host) {
        return of(device, host, device.memory(), () -> false, 1);
    }

    /// Attaches an adapter without an IOMMU, with the host's sanitizer if that is on.
    public static DmaAttachment of(AdapterDmaDevice device, Host host) {
        return of(device, host, device.memory(), () -> false, 1);
    }

    /// Attaches an adapter behind an IOMMU, with the host's sanitizer if that is on.
    public static DmaAttachment of(TranslatedDmaDevice device, Host host) {
        TranslatedMemory memory = device.translatedMemory();
        return of(device, host, memory, memory::wasStale, device.domain().granule());
    }

    private static DmaAttachment of(
            VectorDmaDevice device,
            Host host,
            AddressedMemory memory,
            BooleanSupplier isStale,
            long granule) {
        if (host.sanitizer().isEmpty()) {
            return new DmaAttachment(device, memory, () -> {});
        }
        String name = device.addressing() == DmaAddressing.IOVA ? "adapter" : "software device";
        DmaSanitizer sanitizer = host.sanitizer().get();
        DeviceLedger ledger = sanitizer.watch(name, device.limits(), granule);
        return new DmaAttachment(
                new CheckedDmaDevice(device, ledger),
                new CheckedMemory(memory, isStale, ledger.accessChecks()),
                () -> sanitizer.unwatch(ledger));
    }

    private static DmaAttachment ofSoftware(DmaSettings settings, Host host) {
        SoftwareDmaDevice software =
                new SoftwareDmaDevice(
                        host,
                        settings.addressing(),
                        DmaLimits.ofBits(Long.SIZE),
                        settings.peers().devicePrivate());
        return of(software, host);
    }

    private static DmaAttachment ofAdapter(DmaSettings settings, Host host, PciFunction adapter) {
        AdapterProperties properties =
                AdapterProperties.standard()
                        .withLimits(settings.limits())
                        .withBouncePolicy(settings.bouncePolicy())
                        .withPeers(settings.peers());
        Optional<BouncePool> pool = pool(settings, host);
        DmaAttachment attachment =
                settings.iommu()
                        ? of(translated(settings, properties, host, adapter, pool), host)
                        : of(new AdapterDmaDevice(host, adapter, properties, pool), host);
        return attachment.endingWith(() -> pool.ifPresent(DmaAttachment::closeUnused));
    }

    /// A driver that left something mapped keeps the buffers: nobody else may get their memory.
    private static void closeUnused(BouncePool pool) {
        if (pool.statistics().slotsUsed() == 0) {
            pool.close();
        }
    }

    private DmaAttachment endingWith(Runnable first) {
        return new DmaAttachment(
                device,
                memory,
                () -> {
                    first.run();
                    end.run();
                });
    }

    private static TranslatedDmaDevice translated(
            DmaSettings settings,
            AdapterProperties properties,
            Host host,
            PciFunction adapter,
            Optional<BouncePool> pool) {
        long granule = settings.granule();
        TreeIovaAllocator allocator = new TreeIovaAllocator(granule, 1);
        IommuDomain domain =
                new IommuDomain(
                        pageSizes(granule),
                        FlushPolicy.STRICT,
                        allocator,
                        IOTLB_ENTRIES,
                        Cpus.one());
        return new TranslatedDmaDevice(
                host,
                adapter,
                properties,
                domain,
                new IovaPolicy(allocator, granule, LowAddresses.ALWAYS_FIRST),
                pool);
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

    private static Optional<BouncePool> pool(DmaSettings settings, Host host) {
        return settings.bouncePolicy() == BouncePolicy.OFF
                ? Optional.empty()
                : Optional.of(new SwiotlbPool(host.physicalMemory(), SwiotlbSettings.defaults(1)));
    }

    /// What the host's sanitizer knows of the device, when it is on.
    public Optional<DeviceLedger> ledger() {
        return device instanceof WatchedDevice watched
                ? Optional.of(watched.ledger())
                : Optional.empty();
    }

    /// Whether 0 is another name for the local DMA key, as with software devices.
    public boolean isZeroLocalDmaKey() {
        return device.addressing() != DmaAddressing.IOVA;
    }

    /// Takes the device off the host: its bounce buffers are given back unless something is mapped
    /// still, and so is the place on the bus that it was given.
    @Override
    public void close() {
        end.run();
    }
}
