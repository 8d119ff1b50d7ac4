package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawCoherent;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.SoftVerbs;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;

/// Findings 1 to 8: what is unmapped wrongly. Tests that expect no report fail at their end when
/// there is one.
@SoftVerbs
class UnmapFindingsTest {

    private static final long PAGE = 4096;

    private final RawDma dma;
    private final Sanitizer sanitizer;
    private final PhysicalMemory memory;
    private final PhysicalAllocation page;

    UnmapFindingsTest(RawDma dma, Sanitizer sanitizer, PhysicalMemory memory) {
        this.dma = dma;
        this.sanitizer = sanitizer;
        this.memory = memory;
        this.page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
    }

    private long mapped() {
        long address = dma.mapPage(page.address(0), PAGE, TO_DEVICE);
        assertThat(dma.mappingError(address)).isFalse();
        return address;
    }

    @Test
    void shouldReportInvalidAddress() {
        long address = dma.mapPage(page.address(0) + (1L << 38), PAGE, TO_DEVICE);
        assertThat(address).isEqualTo(RawDma.MAPPING_ERROR);
        dma.unmapPage(address, PAGE, TO_DEVICE);
        Expect.only(sanitizer, Finding.INVALID_ADDRESS);
    }

    @Test
    void shouldNotReportInvalidAddress() {
        long address = dma.mapPage(page.address(0) + (1L << 38), PAGE, TO_DEVICE);
        if (!dma.mappingError(address)) {
            dma.unmapPage(address, PAGE, TO_DEVICE);
        }
    }

    @Test
    void shouldReportNotMapped() {
        long address = mapped();
        dma.unmapPage(address, PAGE, TO_DEVICE);
        dma.unmapPage(address, PAGE, TO_DEVICE);
        Report report = Expect.withMapping(sanitizer, Finding.NOT_MAPPED);
        assertThat(report.address()).isEqualTo(address);
        assertThat(report.length()).isEqualTo(PAGE);
        assertThat(report.conflictAt().method()).isEqualTo("shouldReportNotMapped");
        assertThat(report.mappedAt().orElseThrow().method()).isEqualTo("mapped");
    }

    @Test
    void shouldNotReportNotMapped() {
        for (int i = 0; i < 2; i++) {
            dma.unmapPage(mapped(), PAGE, TO_DEVICE);
        }
    }

    @Test
    void shouldReportWrongSize() {
        dma.unmapPage(mapped(), PAGE - 1, TO_DEVICE);
        assertThat(Expect.withMapping(sanitizer, Finding.WRONG_SIZE).detail()).contains("4095");
    }

    @Test
    void shouldNotReportWrongSize() {
        dma.unmapPage(mapped(), PAGE, TO_DEVICE);
    }

    @Test
    void shouldReportWrongFunction() {
        dma.unmapResource(mapped(), PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.WRONG_FUNCTION);
        RawCoherent shared = dma.allocateCoherent(PAGE).orElseThrow();
        dma.unmapPage(shared.address(), PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.WRONG_FUNCTION);
        List<DmaSegment> segments = dma.mapSg(ScatterList.of(page), TO_DEVICE);
        dma.unmapPage(segments.getFirst().address(), PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.WRONG_FUNCTION);
    }

    /// The kernel does not tell `map_single` and `map_page` apart.
    @Test
    void shouldNotReportWrongFunction() {
        dma.unmapSingle(mapped(), PAGE, TO_DEVICE);
        RawCoherent shared = dma.allocateCoherent(PAGE).orElseThrow();
        dma.freeCoherent(PAGE, shared.kernelAddress(), shared.address());
        dma.unmapSg(dma.mapSg(ScatterList.of(page), TO_DEVICE), 1, TO_DEVICE);
    }

    @Test
    void shouldReportWrongCpuAddress() {
        RawCoherent shared = dma.allocateCoherent(PAGE).orElseThrow();
        dma.freeCoherent(PAGE, shared.kernelAddress() + 64, shared.address());
        Expect.withMapping(sanitizer, Finding.WRONG_CPU_ADDRESS);
    }

    @Test
    void shouldNotReportWrongCpuAddress() {
        RawCoherent shared = dma.allocateCoherent(PAGE).orElseThrow();
        assertThat(shared.bytes().byteSize()).isEqualTo(PAGE);
        dma.freeCoherent(PAGE, shared.kernelAddress(), shared.address());
    }

    private List<DmaSegment> scattered() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(3 * PAGE));
        List<DmaSegment> segments = dma.mapSg(ScatterList.of(pages), FROM_DEVICE);
        // One segment for three entries: the number of entries is not that of segments.
        assertThat(segments).hasSize(1);
        return segments;
    }

    @Test
    void shouldReportWrongEntryCount() {
        List<DmaSegment> segments = scattered();
        dma.unmapSg(segments, segments.size(), FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.WRONG_ENTRY_COUNT);
    }

    @Test
    void shouldNotReportWrongEntryCount() {
        dma.unmapSg(scattered(), 3, FROM_DEVICE);
    }

    @Test
    void shouldReportWrongDirection() {
        dma.unmapPage(mapped(), PAGE, FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.WRONG_DIRECTION);
    }

    @Test
    void shouldNotReportWrongDirection() {
        dma.unmapPage(mapped(), PAGE, TO_DEVICE);
    }

    @Test
    void shouldReportErrorNotChecked() {
        long address = dma.mapPage(page.address(0), PAGE, TO_DEVICE);
        dma.unmapPage(address, PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.ERROR_NOT_CHECKED);
    }

    @Test
    void shouldNotReportErrorNotChecked() {
        long address = dma.mapSingle(memory.kernelAddress(page.address(0)), PAGE, TO_DEVICE);
        assertThat(dma.mappingError(address)).isFalse();
        dma.unmapSingle(address, PAGE, TO_DEVICE);
    }
}
