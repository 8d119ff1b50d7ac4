package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.pci.DevicePagemap;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;

/// What the sanitizer knows of memory that is bounced, private, or moved from a device.
class SanitizedMemoryTest {

    private static final int PAGE = 4096;

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final Sanitizer sanitizer = host.sanitize();

    private DmaAttachment attach(BouncePolicy bouncing) {
        return DmaAttachment.of(
                DmaSettings.of(DmaAddressing.IOVA).withBouncePolicy(bouncing), host);
    }

    private List<Finding> findings() {
        List<Finding> found = sanitizer.reports().stream().map(Report::finding).toList();
        sanitizer.clear();
        return found;
    }

    private PhysicalAllocation page() {
        return host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));
    }

    /// The copy changes the page for the other mapping, by no fault of the CPU.
    @Test
    void shouldNotTakeACopyBackForTheCpusWriteInAnotherMapping() {
        DmaAttachment attachment = attach(BouncePolicy.ALWAYS);
        PhysicalAllocation page = page();
        DmaMapping received = attachment.device().map(page, FROM_DEVICE);
        DmaHost.write(attachment.memory(), received, DmaHost.pattern(PAGE, 1));
        DmaMapping sent = attachment.device().map(page, TO_DEVICE);
        received.close();
        sent.close();
        assertThat(findings()).isEmpty();
    }

    @Test
    void shouldNotTakeACopyBackByASyncForTheCpusWriteInAnotherMapping() {
        DmaAttachment attachment = attach(BouncePolicy.ALWAYS);
        PhysicalAllocation page = page();
        DmaMapping received = attachment.device().map(page, FROM_DEVICE);
        DmaHost.write(attachment.memory(), received, DmaHost.pattern(PAGE, 1));
        DmaMapping sent = attachment.device().map(page, TO_DEVICE);
        received.syncForCpu();
        sent.close();
        received.close();
        assertThat(findings()).isEmpty();
    }

    @Test
    void shouldReportTheCpusWriteWhereNothingWasCopiedBack() {
        DmaAttachment attachment = attach(BouncePolicy.ALWAYS);
        PhysicalAllocation page = page();
        DmaMapping received = attachment.device().map(page, FROM_DEVICE);
        DmaMapping sent = attachment.device().map(page, TO_DEVICE);
        received.close();
        page.segment().fill((byte) 9);
        sent.close();
        assertThat(findings()).containsExactly(Finding.CPU_WHILE_DEVICE_OWNS);
    }

    @Test
    void shouldReportPrivateMemoryThatIsMappedByItsKernelAddress() {
        DmaAttachment attachment = attach(BouncePolicy.OFF);
        PhysicalAllocation page =
                host.physicalMemory()
                        .allocate(
                                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.PRIVATE));
        long kernel = host.physicalMemory().kernelAddress(page.address(0));
        assertThatThrownBy(() -> attachment.device().mapSingle(kernel, PAGE, TO_DEVICE))
                .hasMessageContaining("private");
        assertThat(findings()).containsExactly(Finding.PRIVATE_EXPOSED);
        assertThat(attachment.device().raw().mapSingle(kernel, PAGE, TO_DEVICE))
                .isEqualTo(RawDma.MAPPING_ERROR);
        assertThat(findings()).containsExactly(Finding.PRIVATE_EXPOSED);
    }

    /// The pages were moved when they were mapped: the sanitizer looks at where they are.
    @Test
    void shouldWatchPagesWhereTheyWereMovedTo() {
        HostBridge bridge = host.pci().addHostBridge("host", PeerTraffic.SAME_BRIDGE, 0);
        PciBridge root = host.pci().addBridge("root port", bridge, false);
        PciFunction owner = host.pci().addFunction("owner", root);
        CopyEngine engine =
                new CopyEngine(
                        DmaAttachment.of(
                                new AdapterDmaDevice(
                                        host,
                                        owner,
                                        AdapterProperties.standard(),
                                        Optional.empty()),
                                host));
        DevicePagemap map = host.pagemaps().add(owner, Optional.empty(), engine);
        DevicePrivateFolio folio = map.allocate(PAGE);
        AdapterProperties migrating =
                AdapterProperties.standard().withDevicePrivate(DevicePrivatePolicy.MIGRATE);
        PciFunction adapter = host.pci().addFunction("adapter", root);
        DmaDevice client =
                DmaAttachment.of(
                                new AdapterDmaDevice(host, adapter, migrating, Optional.empty()),
                                host)
                        .device();
        DmaMapping mapping = client.map(folio, FROM_DEVICE);
        folio.write(0, MemorySegment.ofArray(new byte[] {1, 2, 3}));
        assertThat(findings()).containsExactly(Finding.CPU_WHILE_DEVICE_OWNS);
        PhysicalAllocation moved = folio.system().orElseThrow();
        DmaMapping again = client.map(moved, FROM_DEVICE);
        assertThat(findings()).containsExactly(Finding.OVERLAP);
        again.close();
        long raw = client.raw().mapPage(folio.address(0), PAGE, FROM_DEVICE);
        assertThat(findings()).containsExactly(Finding.OVERLAP);
        assertThat(client.raw().mappingError(raw)).isFalse();
        client.raw().unmapPage(raw, PAGE, FROM_DEVICE);
        moved.close();
        assertThat(findings()).containsExactly(Finding.FREED_WHILE_MAPPED);
        mapping.close();
        assertThat(sanitizer.liveMappings()).isZero();
    }
}
