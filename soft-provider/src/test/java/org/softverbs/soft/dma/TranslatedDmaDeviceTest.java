package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TranslationResult;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;

/// `dma-iommu`: one range of IOVA for an I/O, one sync, and every byte where the device looks for
/// it.
class TranslatedDmaDeviceTest {

    private static final long PAGE = 4096;
    private static final long BUS_OFFSET = 1L << 45;

    private final Host host = Sanitized.host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final HostBridge bridge =
            host.pci().addHostBridge("host", PeerTraffic.SAME_BRIDGE, BUS_OFFSET);
    private final PciBridge root = host.pci().addBridge("root port", bridge, false);
    private final PciFunction adapter = host.pci().addFunction("adapter", root);
    private final TreeIovaAllocator allocator = new TreeIovaAllocator(PAGE, 1);
    private final IommuDomain domain =
            new IommuDomain(PageSizes.standard(), FlushPolicy.STRICT, allocator, 64, Cpus.one());
    private final TestDevice device =
            device(
                    AdapterProperties.standard().withLimits(DmaLimits.ofBits(48)),
                    IovaPolicy.LowAddresses.ALWAYS_FIRST);

    private TestDevice device(AdapterProperties properties, IovaPolicy.LowAddresses low) {
        IovaPolicy policy = new IovaPolicy(allocator, PAGE, low);
        return TestDevice.of(
                new TranslatedDmaDevice(host, adapter, properties, domain, policy), host);
    }

    private PhysicalAllocation scattered(long length) {
        return host.physicalMemory().allocate(PhysicalMemoryRequest.scattered(length));
    }

    /// What the device finds at an address.
    private RunList reach(long iova, long length, boolean write) {
        RunList runs = new RunList();
        TranslationResult result =
                domain.translate(
                        iova,
                        length,
                        write,
                        (physical, run) ->
                                assertThat(host.physicalMemory().resolve(physical, run, runs))
                                        .isTrue());
        assertThat(result).isEqualTo(TranslationResult.MAPPED);
        return runs;
    }

    private boolean isMapped(long iova) {
        return domain.translate(iova, 1, false, (physical, run) -> {}) == TranslationResult.MAPPED;
    }

    /// F1: one allocation and one sync, however many pages.
    @Test
    void shouldAllocateAndSyncOnceForScatteredPages() {
        PhysicalAllocation pages = scattered(256 * PAGE);
        DmaStatistics before = device.statistics();
        DmaMapping mapping = device.map(pages, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SINGLE);
        assertThat(mapping.segments()).hasSize(1);
        mapping.close();
        DmaStatistics done = device.statistics().since(before);
        assertThat(done.iovaAllocations()).isEqualTo(1);
        assertThat(done.iotlbSyncs()).isEqualTo(1);
        assertThat(done.iovaFrees()).isEqualTo(1);
        assertThat(done.iotlbFlushes()).isEqualTo(1);
        assertThat(domain.statistics().bytesMapped()).isZero();
    }

    /// F1: a loop over pages allocates, syncs and flushes for each.
    @Test
    void shouldAllocateForEachPageOfALoop() {
        PhysicalAllocation pages = scattered(16 * PAGE);
        DmaStatistics before = device.statistics();
        List<DmaMapping> mappings = new ArrayList<>();
        for (int i = 0; i < pages.count(); i++) {
            mappings.add(device.mapPage(pages.address(i), PAGE, DmaDirection.TO_DEVICE));
        }
        mappings.forEach(DmaMapping::close);
        DmaStatistics done = device.statistics().since(before);
        assertThat(done.iovaAllocations()).isEqualTo(16);
        assertThat(done.iotlbSyncs()).isEqualTo(16);
        assertThat(done.iotlbFlushes()).isEqualTo(16);
    }

    @Test
    void shouldShowTheDeviceTheBytesOfTheVector() {
        PhysicalAllocation pages = scattered(3 * PAGE);
        MemorySegment bytes = pages.segment();
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + i / PAGE));
        }
        DmaMapping mapping = device.map(pages.part(100, 2 * PAGE), DmaDirection.TO_DEVICE);
        DmaSegment segment = mapping.segments().getFirst();
        assertThat(mapping.segments()).hasSize(1);
        RunList runs = reach(segment.address(), segment.length(), false);
        for (long i = 0; i < 2 * PAGE; i++) {
            assertThat(runs.byteAt(i)).isEqualTo(bytes.get(ValueLayout.JAVA_BYTE, 100 + i));
        }
    }

    @Test
    void shouldLetTheDeviceOnlyDoWhatTheDirectionSays() {
        PhysicalAllocation pages = scattered(PAGE);
        long iova = device.map(pages, DmaDirection.TO_DEVICE).segments().getFirst().address();
        assertThat(domain.translate(iova, 1, true, (physical, run) -> {}))
                .isEqualTo(TranslationResult.WRITE_REFUSED);
        long target = device.map(pages, DmaDirection.FROM_DEVICE).segments().getFirst().address();
        assertThat(domain.translate(target, 1, false, (physical, run) -> {}))
                .isEqualTo(TranslationResult.READ_REFUSED);
    }

    @Test
    void shouldMixIovaAndBusAddressesInOneIo() {
        PhysicalAllocation bar = host.pci().addFunction("nvme", root).addBar(PAGE);
        PhysicalAllocation pages = scattered(2 * PAGE);
        ScatterList list =
                new ScatterList()
                        .add(pages.range(0, PAGE))
                        .add(bar.range(0, PAGE))
                        .add(pages.range(PAGE, PAGE));
        DmaStatistics before = device.statistics();
        DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_WITH_BUS);
        assertThat(mapping.segments())
                .extracting(DmaSegment::space)
                .containsExactly(AddressSpace.IOVA, AddressSpace.BUS, AddressSpace.IOVA);
        assertThat(mapping.segments().get(1).address()).isEqualTo(bar.address(0) + BUS_OFFSET);
        assertThat(mapping.segments().get(2).address())
                .isEqualTo(mapping.segments().get(0).address() + PAGE);
        assertThat(device.statistics().since(before).iovaAllocations()).isEqualTo(1);
        mapping.close();
        assertThat(domain.statistics().bytesMapped()).isZero();
    }

    @Test
    void shouldAllocateNothingForPeersAlone() {
        PhysicalAllocation bar = host.pci().addFunction("nvme", root).addBar(PAGE);
        DmaMapping mapping = device.map(bar, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_WITH_BUS);
        mapping.close();
        assertThat(device.statistics()).isEqualTo(new DmaStatistics(1, 1, 0, 0, 0, 0, 0, 0, 0));
    }

    /// A peer behind the host bridge is reached through the IOMMU, as memory is.
    @Test
    void shouldMapAPeerBehindTheHostBridge() {
        PhysicalAllocation bar = host.pci().addFunction("nvme", bridge).addBar(PAGE);
        DmaMapping mapping = device.map(bar, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SINGLE);
        assertThat(isMapped(mapping.segments().getFirst().address())).isTrue();
    }

    @Test
    void shouldSplitAnUnalignedVectorAndStillAllocateOnce() {
        PhysicalAllocation pages = scattered(3 * PAGE);
        ScatterList list =
                new ScatterList()
                        .add(pages.range(0, PAGE))
                        .add(pages.range(PAGE + 0x200, 0x400))
                        .add(pages.range(2 * PAGE, PAGE));
        DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SPLIT);
        assertThat(mapping.segments()).hasSize(3);
        assertThat(device.statistics().iovaAllocations()).isEqualTo(1);
    }

    @Test
    void shouldMapNoPaddingOfTheBoundary() {
        TestDevice narrow =
                device(
                        AdapterProperties.standard()
                                .withLimits(new DmaLimits((1L << 48) - 1, 0xffff, 1L << 31)),
                        IovaPolicy.LowAddresses.ALWAYS_FIRST);
        PhysicalAllocation first = scattered(10 * PAGE);
        PhysicalAllocation second =
                host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(16 * PAGE));
        ScatterList list = ScatterList.of(first).add(second.range(0, 16 * PAGE));
        DmaMapping mapping = narrow.mapSg(list, DmaDirection.TO_DEVICE);
        long start = mapping.segments().getFirst().address();
        assertThat(mapping.segments())
                .containsExactly(
                        new DmaSegment(AddressSpace.IOVA, start, 0xa000),
                        new DmaSegment(AddressSpace.IOVA, start + 0x10000, 0x10000));
        assertThat(isMapped(start + 0x9fff)).isTrue();
        assertThat(isMapped(start + 0xa000)).isFalse();
        mapping.close();
        assertThat(domain.statistics().bytesMapped()).isZero();
    }

    @Test
    void shouldReachHighMemory() {
        PhysicalAllocation high =
                host.physicalMemory()
                        .allocate(
                                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.HIGHMEM));
        assertThat(device.map(high, DmaDirection.TO_DEVICE).outcome())
                .isEqualTo(IoOutcome.IOVA_SINGLE);
    }

    @Test
    void shouldUndoEverythingWhenAnElementIsRefused() {
        PhysicalAllocation pages = scattered(PAGE);
        ScatterList list = new ScatterList().add(pages.range(0, PAGE)).add(0x5000, 0, 8);
        assertThatThrownBy(() -> device.mapSg(list, DmaDirection.TO_DEVICE))
                .hasMessageContaining("element 1")
                .hasMessageContaining("is no memory");
        assertThat(device.statistics()).isEqualTo(new DmaStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    /// A mask of 64 bits asks for no more than the page table reaches.
    @Test
    void shouldStayWithinThePageTableWhateverTheMask() {
        TestDevice wide =
                device(AdapterProperties.standard(), IovaPolicy.LowAddresses.NOT_PREFERRED);
        long iova =
                wide.map(scattered(PAGE), DmaDirection.TO_DEVICE).segments().getFirst().address();
        assertThat(iova).isBetween(1L << 32, domain.lastAddress());
        assertThat(isMapped(iova)).isTrue();
    }

    @Test
    void shouldEndTheDevicesReachWithTheMapping() {
        DmaMapping mapping = device.map(scattered(2 * PAGE), DmaDirection.TO_DEVICE);
        long iova = mapping.segments().getFirst().address();
        assertThat(isMapped(iova)).isTrue();
        mapping.close();
        mapping.close();
        assertThat(isMapped(iova)).isFalse();
        assertThat(device.statistics().unmaps()).isEqualTo(1);
    }

    /// A kernel that starts after a crash: what the one before asked for runs on until the driver
    /// maps something.
    @Test
    void shouldReachPhysicalMemoryUntilADeferredAttach() {
        PhysicalAllocation old = scattered(PAGE);
        TranslatedDmaDevice deferred =
                new TranslatedDmaDevice(
                                host,
                                adapter,
                                AdapterProperties.standard(),
                                domain,
                                new IovaPolicy(
                                        allocator, PAGE, IovaPolicy.LowAddresses.ALWAYS_FIRST))
                        .deferAttach();
        AddressedMemory seen = deferred.memory();
        assertThat(seen.resolve(old.address(0), PAGE, true, new RunList()))
                .isEqualTo(AccessResult.GRANTED);
        assertThat(deferred.isAttached()).isFalse();
        try (DmaMapping mapping = deferred.map(scattered(PAGE), DmaDirection.TO_DEVICE)) {
            assertThat(deferred.isAttached()).isTrue();
            assertThat(seen.resolve(old.address(0), PAGE, true, new RunList()))
                    .isEqualTo(AccessResult.NOT_MAPPED);
            assertThat(
                            seen.resolve(
                                    mapping.segments().getFirst().address(),
                                    PAGE,
                                    false,
                                    new RunList()))
                    .isEqualTo(AccessResult.GRANTED);
        }
    }
}
