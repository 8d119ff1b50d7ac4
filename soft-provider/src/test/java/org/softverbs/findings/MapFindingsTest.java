package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
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
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.host.Host;

/// Findings 15 to 23: what must not be mapped, or is left.
@SoftVerbs
class MapFindingsTest {

    private static final long PAGE = 4096;

    private final Host host;
    private final RawDma dma;
    private final DmaDevice device;
    private final Sanitizer sanitizer;
    private final PhysicalMemory memory;

    MapFindingsTest(
            Host host, RawDma dma, DmaDevice device, Sanitizer sanitizer, PhysicalMemory memory) {
        this.host = host;
        this.dma = dma;
        this.device = device;
        this.sanitizer = sanitizer;
        this.memory = memory;
    }

    private void mapSingle(long kernelAddress, long length) {
        long address = dma.mapSingle(kernelAddress, length, TO_DEVICE);
        if (!dma.mappingError(address)) {
            dma.unmapSingle(address, length, TO_DEVICE);
        }
    }

    private void mapPage(long physical) {
        long address = dma.mapPage(physical, 64, TO_DEVICE);
        if (!dma.mappingError(address)) {
            dma.unmapPage(address, 64, TO_DEVICE);
        }
    }

    private PhysicalAllocation page() {
        return memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
    }

    @Test
    void shouldReportStack() {
        PhysicalAllocation stack = host.kernelSpace().taskStack(4 * PAGE);
        mapSingle(memory.kernelAddress(stack.address(0) + 100), 64);
        Expect.only(sanitizer, Finding.STACK);
        mapPage(stack.address(0) + 100);
        Expect.only(sanitizer, Finding.STACK);
    }

    @Test
    void shouldNotReportStack() {
        host.kernelSpace().taskStack(4 * PAGE);
        mapSingle(memory.kernelAddress(page().address(0)), 64);
        mapPage(page().address(0));
    }

    @Test
    void shouldReportKernelText() {
        mapSingle(host.kernelSpace().text() + 64, 64);
        Expect.only(sanitizer, Finding.KERNEL_TEXT);
        mapSingle(host.kernelSpace().textInLinearMap() + 64, 64);
        Expect.only(sanitizer, Finding.KERNEL_TEXT);
    }

    @Test
    void shouldNotReportKernelText() {
        PhysicalAllocation copy = page();
        assertThat(host.kernelSpace().textInLinearMap())
                .isNotEqualTo(memory.kernelAddress(copy.address(0)));
        mapSingle(memory.kernelAddress(copy.address(0)), 64);
    }

    @Test
    void shouldReportInvalidKernelAddress() {
        mapSingle(memory.kernelAddress(page().address(0)) + (1L << 38), 64);
        Expect.only(sanitizer, Finding.INVALID_KERNEL_ADDRESS);
        mapSingle(4096, 64);
        Expect.only(sanitizer, Finding.INVALID_KERNEL_ADDRESS);
    }

    /// High memory has no address in the linear map: it is mapped by its page.
    @Test
    void shouldNotReportInvalidKernelAddress() {
        PhysicalMemoryRequest high =
                PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.HIGHMEM);
        mapPage(memory.allocate(high).address(0));
    }

    @Test
    void shouldReportVmalloc() {
        mapSingle(host.kernelSpace().vmalloc(page()), 64);
        Expect.only(sanitizer, Finding.VMALLOC);
    }

    /// Its pages can be mapped one by one.
    @Test
    void shouldNotReportVmalloc() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        host.kernelSpace().vmalloc(pages);
        for (int i = 0; i < pages.count(); i++) {
            mapPage(pages.address(i));
        }
    }

    @Test
    void shouldReportOverlap() {
        PhysicalAllocation page = page();
        try (DmaMapping first = device.mapPage(page.address(0), 100, FROM_DEVICE)) {
            assertThat(first.length()).isEqualTo(100);
            // Not a byte in common, but a cache line.
            device.mapPage(page.address(0) + 100, 100, BIDIRECTIONAL).close();
            Expect.withMapping(sanitizer, Finding.OVERLAP);
        }
    }

    @Test
    void shouldNotReportOverlap() {
        PhysicalAllocation page = page();
        for (DmaDirection both : Set.of(TO_DEVICE, FROM_DEVICE)) {
            long second = both == TO_DEVICE ? 0 : 128;
            DmaMapping first = device.mapPage(page.address(0), 100, both);
            device.mapPage(page.address(0) + second, 100, both).close();
            first.close();
        }
    }

    private RawDma narrow(long maxSegment, long boundary) {
        DmaLimits limits = new DmaLimits(Long.MAX_VALUE, boundary, maxSegment);
        return DmaAttachment.of(
                        new AdapterDmaDevice(
                                host,
                                host.pci().addAdapter(),
                                AdapterProperties.standard().withLimits(limits),
                                Optional.empty()),
                        host)
                .device()
                .raw();
    }

    private void mapList(RawDma raw, ScatterList list) {
        raw.unmapSg(raw.mapSg(list, TO_DEVICE), list.count(), TO_DEVICE);
    }

    @Test
    void shouldReportSegmentTooLong() {
        mapList(
                narrow(PAGE, Long.MAX_VALUE),
                ScatterList.of(memory.allocate(PhysicalMemoryRequest.contiguous(PAGE + 1))));
        Expect.only(sanitizer, Finding.SEGMENT_TOO_LONG);
    }

    @Test
    void shouldNotReportSegmentTooLong() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE + 1));
        mapList(
                narrow(PAGE, Long.MAX_VALUE),
                new ScatterList().add(pages.range(0, PAGE)).add(pages.range(PAGE, 1)));
    }

    private PhysicalAllocation large() {
        return memory.allocate(
                PhysicalMemoryRequest.contiguous(2L << 20).withPageSize(PageSize.SIZE_2M));
    }

    @Test
    void shouldReportSegmentCrossesBoundary() {
        mapList(narrow(1 << 20, 0xffff), new ScatterList().add(large().range(0xf000, 0x1001)));
        Expect.only(sanitizer, Finding.SEGMENT_CROSSES_BOUNDARY);
    }

    @Test
    void shouldNotReportSegmentCrossesBoundary() {
        PhysicalAllocation pages = large();
        mapList(
                narrow(1 << 20, 0xffff),
                new ScatterList().add(pages.range(0xf000, 0x1000)).add(pages.range(0x10000, 1)));
    }

    @Test
    void shouldReportLeftMapped() {
        for (int i = 0; i < 3; i++) {
            assertThat(dma.mapPage(page().address(0), 64, TO_DEVICE))
                    .isNotEqualTo(RawDma.MAPPING_ERROR);
        }
        sanitizer.unbind(device);
        assertThat(Expect.withMapping(sanitizer, Finding.LEFT_MAPPED).detail())
                .contains("3 mappings");
        assertThat(sanitizer.liveMappings()).isZero();
    }

    @Test
    void shouldNotReportLeftMapped() {
        device.mapPage(page().address(0), 64, TO_DEVICE).close();
        mapPage(page().address(0));
        sanitizer.unbind(device);
    }

    /// The kernel gives up after 65536. None of a million is forgotten: each is found again.
    @Test
    void shouldNotReportOutOfEntries() {
        int count = 1_000_000;
        long line = 64;
        PhysicalAllocation all = memory.allocate(PhysicalMemoryRequest.contiguous(count * line));
        RawDma direct = narrow(PAGE, Long.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            direct.mapPage(all.address(0) + i * line, line, FROM_DEVICE);
        }
        assertThat(sanitizer.liveMappings()).isEqualTo(count);
        assertThat(sanitizer.reports()).isEmpty();
        for (int i = 0; i < count; i++) {
            long address = all.address(0) + i * line;
            direct.mappingError(address);
            direct.unmapPage(address, line, FROM_DEVICE);
        }
        assertThat(sanitizer.liveMappings()).isZero();
    }
}
