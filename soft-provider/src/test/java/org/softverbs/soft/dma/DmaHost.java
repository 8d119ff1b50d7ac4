package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.SplittableRandom;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;

/// A host with an adapter and peers of each kind, for tests of the DMA layer.
final class DmaHost {

    static final long PAGE = 4096;
    static final long BUS_OFFSET = 1L << 45;

    final Host host = Sanitized.host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    final HostBridge bridge = host.pci().addHostBridge("host", PeerTraffic.SAME_BRIDGE, BUS_OFFSET);
    final PciBridge root = host.pci().addBridge("root port", bridge, false);
    final PciFunction adapter = host.pci().addFunction("adapter", root);
    final PciFunction busPeer = host.pci().addFunction("neighbour", root);
    final PciFunction bridgePeer = host.pci().addFunction("behind the bridge", bridge);
    final PciFunction stranger =
            host.pci()
                    .addFunction(
                            "stranger", host.pci().addHostBridge("other", PeerTraffic.NONE, 0));
    final SwiotlbPool pool =
            new SwiotlbPool(host.physicalMemory(), SwiotlbSettings.defaults(1).withBytes(4 << 20));
    final TreeIovaAllocator allocator;
    final IommuDomain domain;

    DmaHost() {
        this(PAGE, FlushPolicy.STRICT);
    }

    DmaHost(long granule, FlushPolicy policy) {
        allocator = new TreeIovaAllocator(granule, 1);
        PageSizes sizes =
                granule == PAGE ? PageSizes.standard() : new PageSizes(granule | (granule << 9));
        domain = new IommuDomain(sizes, policy, allocator, 64, Cpus.one());
    }

    TestDevice direct(AdapterProperties properties) {
        return TestDevice.of(
                new AdapterDmaDevice(host, adapter, properties, Optional.of(pool)), host);
    }

    TestDevice translated(AdapterProperties properties) {
        return translated(properties, Optional.of(pool));
    }

    TestDevice translated(AdapterProperties properties, Optional<BouncePool> buffers) {
        return TestDevice.of(
                new TranslatedDmaDevice(
                        host,
                        adapter,
                        properties,
                        domain,
                        new IovaPolicy(allocator, domain.granule(), LowAddresses.ALWAYS_FIRST),
                        buffers),
                host);
    }

    TestDevice software(DmaAddressing addressing) {
        return TestDevice.of(
                new SoftwareDmaDevice(host.physicalMemory(), addressing, DmaLimits.ofBits(64)),
                host);
    }

    static AdapterProperties forced() {
        return AdapterProperties.standard().withBouncePolicy(BouncePolicy.ALWAYS);
    }

    static AdapterProperties untrusted() {
        return AdapterProperties.standard().withUntrusted(true);
    }

    PhysicalAllocation contiguous(long length) {
        return host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(length));
    }

    PhysicalAllocation scattered(long length) {
        return host.physicalMemory().allocate(PhysicalMemoryRequest.scattered(length));
    }

    PhysicalAllocation withFlag(PageFlag flag, long length) {
        return host.physicalMemory()
                .allocate(PhysicalMemoryRequest.contiguous(length).withFlag(flag));
    }

    /// Fills memory so that no two places look alike.
    static void fill(MemorySegment bytes, int salt) {
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + (i >> 8) * 7 + salt));
        }
    }

    /// The bytes of a vector by the CPU.
    byte[] bytes(PhysicalVector vector) {
        return copy(runs(vector));
    }

    /// The memory of a vector.
    RunList runs(PhysicalVector vector) {
        RunList runs = new RunList();
        for (int i = 0; i < vector.count(); i++) {
            assertThat(host.physicalMemory().resolve(vector.address(i), vector.length(i), runs))
                    .isTrue();
        }
        return runs;
    }

    /// The bytes that a device reads through the segments of a mapping.
    static byte[] read(AddressedMemory memory, DmaMapping mapping) {
        RunList runs = new RunList();
        mapping.forEachSegment(
                (space, address, length) ->
                        assertThat(memory.resolve(address, length, false, runs))
                                .isEqualTo(AccessResult.GRANTED));
        return copy(runs);
    }

    /// Writes bytes as a device through the segments of a mapping.
    static void write(AddressedMemory memory, DmaMapping mapping, byte[] bytes) {
        RunList runs = new RunList();
        mapping.forEachSegment(
                (space, address, length) ->
                        assertThat(memory.resolve(address, length, true, runs))
                                .isEqualTo(AccessResult.GRANTED));
        copy(bytes, runs);
    }

    static void copy(byte[] bytes, RunList target) {
        RunList source = new RunList();
        source.add(MemorySegment.ofArray(bytes), 0, bytes.length);
        assertThat(target.total()).isEqualTo(bytes.length);
        assertThat(source.copyTo(target)).isTrue();
    }

    static byte[] copy(RunList runs) {
        byte[] copy = new byte[Math.toIntExact(runs.total())];
        assertThat(runs.copyTo(MemorySegment.ofArray(copy), 0)).isTrue();
        return copy;
    }

    static byte[] pattern(int length, int salt) {
        byte[] bytes = new byte[length];
        fill(MemorySegment.ofArray(bytes), salt);
        return bytes;
    }

    /// Whether nothing is mapped, allocated or bounced any more.
    void assertAllFree() {
        assertThat(domain.statistics().bytesMapped()).isZero();
        assertThat(allocator.statistics().allocations()).isEqualTo(allocator.statistics().frees());
        assertThat(pool.statistics().slotsUsed()).isZero();
    }
}
