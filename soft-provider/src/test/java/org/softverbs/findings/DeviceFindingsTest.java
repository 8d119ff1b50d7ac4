package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.SoftVerbs;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.AdapterDmaDevice;
import org.softverbs.soft.dma.AdapterProperties;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.TranslatedDmaDevice;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;

/// Findings 27 to 38, 43 and 44: what devices and the CPU do with memory that is mapped.
@SoftVerbs
class DeviceFindingsTest {

    private static final long PAGE = 4096;

    private final Host host;
    private final DmaAttachment attachment;
    private final DmaDevice device;
    private final RawDma dma;
    private final Sanitizer sanitizer;
    private final PhysicalMemory memory;
    private final PhysicalAllocation page;

    DeviceFindingsTest(
            Host host, DmaAttachment attachment, Sanitizer sanitizer, PhysicalMemory memory) {
        this.host = host;
        this.attachment = attachment;
        this.device = attachment.device();
        this.dma = device.raw();
        this.sanitizer = sanitizer;
        this.memory = memory;
        this.page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
    }

    private void access(DmaAttachment from, long address, long length, boolean write) {
        RunList runs = new RunList();
        from.memory().resolve(address, length, write, runs);
        if (write && runs.total() == length) {
            RunList bytes = new RunList();
            bytes.add(MemorySegment.ofArray(new byte[(int) length]), 0, length);
            assertThat(bytes.copyTo(runs)).isTrue();
        }
    }

    private void read(long address, long length) {
        access(attachment, address, length, false);
    }

    private void write(long address, long length) {
        access(attachment, address, length, true);
    }

    private static long address(DmaMapping mapping) {
        return mapping.segments().getFirst().address();
    }

    private DmaMapping map(DmaDirection direction) {
        return device.mapPage(page.address(0), PAGE, direction);
    }

    @Test
    void shouldReportDeviceUseAfterUnmap() {
        DmaMapping mapping = map(TO_DEVICE);
        mapping.close();
        read(address(mapping), 64);
        assertThat(Expect.withMapping(sanitizer, Finding.DEVICE_USE_AFTER_UNMAP).detail())
                .contains("refused");
    }

    @Test
    void shouldNotReportDeviceUseAfterUnmap() {
        try (DmaMapping mapping = map(TO_DEVICE)) {
            read(address(mapping), PAGE);
        }
    }

    @Test
    @SoftVerbs(iommu = false)
    void shouldReportDeviceUseAfterUnmapWithoutAnIommu() {
        DmaMapping mapping = map(TO_DEVICE);
        mapping.close();
        read(address(mapping), 64);
        assertThat(Expect.withMapping(sanitizer, Finding.DEVICE_USE_AFTER_UNMAP).detail())
                .contains("it went through: there is no IOMMU");
    }

    /// In lazy mode the IOTLB still has the page: told apart from one that is still mapped.
    @Test
    void shouldReportDeviceUseAfterUnmapThroughAStaleEntry() {
        TreeIovaAllocator allocator = new TreeIovaAllocator(PAGE, 1);
        IommuDomain domain =
                new IommuDomain(PageSizes.standard(), FlushPolicy.LAZY, allocator, 64, Cpus.one());
        DmaAttachment lazy =
                DmaAttachment.of(
                        new TranslatedDmaDevice(
                                host,
                                host.pci().addAdapter(),
                                AdapterProperties.standard(),
                                domain,
                                new IovaPolicy(allocator, PAGE, LowAddresses.ALWAYS_FIRST)),
                        host);
        DmaMapping mapping = lazy.device().mapPage(page.address(0), PAGE, TO_DEVICE);
        access(lazy, address(mapping), 64, false);
        mapping.close();
        access(lazy, address(mapping), 64, false);
        assertThat(Expect.withMapping(sanitizer, Finding.DEVICE_USE_AFTER_UNMAP).detail())
                .contains("stale entry of the IOTLB");
    }

    @Test
    void shouldReportDeviceOutsideMapping() {
        try (DmaMapping mapping = device.mapPage(page.address(0) + 100, 100, TO_DEVICE)) {
            read(address(mapping) + 50, 100);
            Expect.withMapping(sanitizer, Finding.DEVICE_OUTSIDE_MAPPING);
        }
    }

    @Test
    void shouldNotReportDeviceOutsideMapping() {
        try (DmaMapping mapping = device.mapPage(page.address(0) + 100, 100, TO_DEVICE)) {
            read(address(mapping) + 50, 50);
        }
    }

    @Test
    void shouldReportDeviceAgainstDirection() {
        try (DmaMapping mapping = map(TO_DEVICE)) {
            write(address(mapping), 64);
            Expect.withMapping(sanitizer, Finding.DEVICE_AGAINST_DIRECTION);
        }
        try (DmaMapping mapping = map(FROM_DEVICE)) {
            read(address(mapping), 64);
            Expect.withMapping(sanitizer, Finding.DEVICE_AGAINST_DIRECTION);
        }
    }

    @Test
    void shouldNotReportDeviceAgainstDirection() {
        try (DmaMapping mapping = map(BIDIRECTIONAL)) {
            write(address(mapping), 64);
            read(address(mapping), 64);
        }
    }

    private static MemorySegment bytes(int length) {
        return MemorySegment.ofArray(new byte[length]);
    }

    @Test
    void shouldReportCpuWhileDeviceOwns() {
        try (DmaMapping mapping = map(TO_DEVICE)) {
            assertThat(mapping.direction()).isEqualTo(TO_DEVICE);
            page.write(0, bytes(8));
            Expect.withMapping(sanitizer, Finding.CPU_WHILE_DEVICE_OWNS);
        }
        try (DmaMapping mapping = map(FROM_DEVICE)) {
            assertThat(mapping.direction()).isEqualTo(FROM_DEVICE);
            page.read(0, bytes(8));
            Expect.withMapping(sanitizer, Finding.CPU_WHILE_DEVICE_OWNS);
        }
        // A raw view tells nothing: what was done by it shows when the mapping ends.
        DmaMapping mapping = map(TO_DEVICE);
        page.segment().fill((byte) 3);
        assertThat(sanitizer.reports()).isEmpty();
        mapping.close();
        Expect.withMapping(sanitizer, Finding.CPU_WHILE_DEVICE_OWNS);
    }

    @Test
    void shouldNotReportCpuWhileDeviceOwns() {
        page.segment().fill((byte) 3);
        try (DmaMapping mapping = map(TO_DEVICE)) {
            page.read(0, bytes(8));
            mapping.syncForCpu();
            page.write(0, bytes(8));
            page.segment().fill((byte) 4);
            mapping.syncForDevice();
            read(address(mapping), PAGE);
        }
        page.write(0, bytes(8));
    }

    @Test
    void shouldReportMissingSync() {
        try (DmaMapping mapping = map(FROM_DEVICE)) {
            write(address(mapping), PAGE);
            page.read(0, bytes(8));
            Expect.withMapping(sanitizer, Finding.MISSING_SYNC);
        }
        try (DmaMapping mapping = map(TO_DEVICE)) {
            mapping.syncForCpu();
            page.write(0, bytes(8));
            read(address(mapping), PAGE);
            Expect.withMapping(sanitizer, Finding.MISSING_SYNC);
            mapping.syncForDevice();
            mapping.syncForCpu();
            page.segment().fill((byte) 5);
            read(address(mapping), PAGE);
            Expect.withMapping(sanitizer, Finding.MISSING_SYNC);
        }
    }

    @Test
    void shouldNotReportMissingSync() {
        try (DmaMapping mapping = map(FROM_DEVICE)) {
            write(address(mapping), PAGE);
            mapping.syncForCpu();
            page.read(0, bytes(8));
            mapping.syncForDevice();
            write(address(mapping), PAGE);
        }
        page.read(0, bytes(8));
    }

    @Test
    void shouldReportFreedWhileMapped() {
        try (DmaMapping mapping = map(TO_DEVICE)) {
            assertThat(mapping.length()).isEqualTo(PAGE);
            page.close();
            Expect.withMapping(sanitizer, Finding.FREED_WHILE_MAPPED);
        }
    }

    @Test
    void shouldNotReportFreedWhileMapped() {
        map(TO_DEVICE).close();
        page.close();
        device.allocateCoherent(PAGE).close();
    }

    private record Peers(DmaAttachment near, DmaAttachment far, PhysicalAllocation bar) {}

    /// Two adapters and a peer that the first reaches on the bus.
    private Peers peers() {
        HostBridge bridge = host.pci().addHostBridge("host", PeerTraffic.NONE, 1L << 45);
        PciBridge port = host.pci().addBridge("port", bridge, false);
        PciFunction peer = host.pci().addFunction("peer", port);
        return new Peers(
                adapter(host.pci().addFunction("near", port)),
                adapter(host.pci().addAdapter()),
                peer.addBar(PAGE));
    }

    private DmaAttachment adapter(PciFunction function) {
        return DmaAttachment.of(
                new AdapterDmaDevice(
                        host, function, AdapterProperties.standard(), Optional.empty()),
                host);
    }

    @Test
    void shouldReportBusAddressUnmapped() {
        Peers peers = peers();
        RawDma near = peers.near().device().raw();
        DmaSegment segment = near.mapSg(ScatterList.of(peers.bar()), TO_DEVICE).getFirst();
        near.unmapPage(segment.address(), PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.BUS_ADDRESS_UNMAPPED);
    }

    @Test
    void shouldNotReportBusAddressUnmapped() {
        Peers peers = peers();
        RawDma near = peers.near().device().raw();
        near.unmapSg(near.mapSg(ScatterList.of(peers.bar()), TO_DEVICE), 1, TO_DEVICE);
    }

    @Test
    void shouldReportForeignBusAddress() {
        Peers peers = peers();
        try (DmaMapping mapping = peers.near().device().map(peers.bar(), TO_DEVICE)) {
            access(peers.far(), address(mapping), 64, false);
            Expect.withMapping(sanitizer, Finding.FOREIGN_BUS_ADDRESS);
        }
    }

    @Test
    void shouldNotReportForeignBusAddress() {
        Peers peers = peers();
        try (DmaMapping mapping = peers.near().device().map(peers.bar(), TO_DEVICE)) {
            access(peers.near(), address(mapping), 64, false);
        }
    }

    @Test
    void shouldReportNotLinkedOrSynced() {
        IovaState state = new IovaState();
        assertThat(dma.tryAllocate(state, page.address(0), PAGE)).isTrue();
        read(state.address(), 64);
        Expect.only(sanitizer, Finding.NOT_LINKED_OR_SYNCED);
        dma.link(state, page.address(0), 0, PAGE, TO_DEVICE);
        read(state.address(), 64);
        Expect.withMapping(sanitizer, Finding.NOT_LINKED_OR_SYNCED);
        dma.destroy(state, PAGE);
    }

    @Test
    void shouldNotReportNotLinkedOrSynced() {
        IovaState state = new IovaState();
        assertThat(dma.tryAllocate(state, page.address(0), PAGE)).isTrue();
        dma.link(state, page.address(0), 0, PAGE, TO_DEVICE);
        dma.sync(state, 0, PAGE);
        read(state.address(), PAGE);
        dma.destroy(state, PAGE);
    }

    private IovaState linked() {
        IovaState state = new IovaState();
        PhysicalAllocation other = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        assertThat(dma.tryAllocate(state, page.address(0), 2 * PAGE)).isTrue();
        dma.link(state, page.address(0), 0, PAGE, TO_DEVICE);
        dma.link(state, other.address(0), PAGE, PAGE, TO_DEVICE);
        dma.sync(state, 0, 2 * PAGE);
        return state;
    }

    @Test
    void shouldReportWrongMappedLength() {
        dma.destroy(linked(), PAGE);
        Expect.withMapping(sanitizer, Finding.WRONG_MAPPED_LENGTH);
    }

    @Test
    void shouldNotReportWrongMappedLength() {
        dma.destroy(linked(), 2 * PAGE);
        IovaState unlinked = linked();
        dma.unlink(unlinked, 0, 2 * PAGE);
        dma.free(unlinked);
    }

    @Test
    @SoftVerbs(bouncing = BouncePolicy.OFF)
    void shouldReportPrivateExposed() {
        PhysicalMemoryRequest secret =
                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.PRIVATE);
        PhysicalAllocation hidden = memory.allocate(secret);
        assertThat(dma.mapPage(hidden.address(0), PAGE, TO_DEVICE)).isEqualTo(RawDma.MAPPING_ERROR);
        Expect.only(sanitizer, Finding.PRIVATE_EXPOSED);
        access(adapter(host.pci().addAdapter()), hidden.address(0), 64, false);
        Expect.only(sanitizer, Finding.PRIVATE_EXPOSED);
    }

    /// A bounce buffer is shared with the device, the page is not.
    @Test
    void shouldNotReportPrivateExposed() {
        PhysicalMemoryRequest secret =
                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.PRIVATE);
        try (DmaMapping mapping = device.map(memory.allocate(secret), TO_DEVICE)) {
            read(address(mapping), PAGE);
        }
    }

    /// A page that was decrypted for the host is private no more.
    @Test
    @SoftVerbs(iommu = false, bouncing = BouncePolicy.OFF)
    void shouldNotReportPrivateExposedWhenItIsSharedWithTheHost() {
        PhysicalMemoryRequest shared =
                PhysicalMemoryRequest.contiguous(PAGE)
                        .withFlag(PageFlag.PRIVATE)
                        .withFlag(PageFlag.SHARED);
        PhysicalAllocation decrypted = memory.allocate(shared);
        try (DmaMapping mapping = device.map(decrypted, TO_DEVICE)) {
            assertThat(address(mapping)).isEqualTo(decrypted.address(0));
            read(address(mapping), PAGE);
        }
    }

    private PhysicalAllocation belowFourGigabytes(long limit) {
        return memory.allocate(PhysicalMemoryRequest.contiguous(PAGE).withBelow(limit));
    }

    @Test
    @SoftVerbs(iommu = false, bouncing = BouncePolicy.OFF, maskBits = 32)
    void shouldReportBeyondMask() {
        assertThatThrownBy(() -> device.map(page, TO_DEVICE)).hasMessageContaining("mask");
        Expect.only(sanitizer, Finding.BEYOND_MASK);
        assertThat(dma.mapPage(page.address(0), PAGE, TO_DEVICE)).isEqualTo(RawDma.MAPPING_ERROR);
        Expect.only(sanitizer, Finding.BEYOND_MASK);
    }

    @Test
    @SoftVerbs(iommu = false, bouncing = BouncePolicy.OFF, maskBits = 32)
    void shouldNotReportBeyondMask() {
        device.map(belowFourGigabytes(1L << 32), TO_DEVICE).close();
    }

    /// Waits for the collector: each round it is asked again.
    private void untilLost() {
        for (int round = 0; sanitizer.reports().isEmpty() && round < 1000; round++) {
            System.gc();
            sanitizer.collectLost();
        }
    }

    @Test
    void shouldReportLostHandle() {
        assertThat(map(TO_DEVICE).length()).isEqualTo(PAGE);
        untilLost();
        Expect.only(sanitizer, Finding.LOST_HANDLE);
        assertThat(device.begin(page, TO_DEVICE).summary().bytes()).isEqualTo(PAGE);
        untilLost();
        Expect.only(sanitizer, Finding.LOST_HANDLE);
    }

    @Test
    void shouldNotReportLostHandle() {
        map(TO_DEVICE).close();
        try (DmaTransaction transaction = device.begin(page, TO_DEVICE)) {
            assertThat(transaction.summary().bytes()).isEqualTo(PAGE);
        }
        System.gc();
        sanitizer.collectLost();
    }
}
