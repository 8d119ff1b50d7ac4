package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.SoftVerbs;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Sanitizer;

/// Findings 9 to 14: what is synced wrongly.
@SoftVerbs
class SyncFindingsTest {

    private static final long PAGE = 4096;

    private final RawDma dma;
    private final Sanitizer sanitizer;
    private final PhysicalMemory memory;

    SyncFindingsTest(RawDma dma, Sanitizer sanitizer, PhysicalMemory memory) {
        this.dma = dma;
        this.sanitizer = sanitizer;
        this.memory = memory;
    }

    private long mapped(DmaDirection direction) {
        PhysicalAllocation page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        long address = dma.mapPage(page.address(0), PAGE, direction);
        assertThat(dma.mappingError(address)).isFalse();
        return address;
    }

    @Test
    void shouldReportSyncNotMapped() {
        long address = mapped(FROM_DEVICE);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
        dma.syncSingleForCpu(address, PAGE, FROM_DEVICE);
        Expect.only(sanitizer, Finding.SYNC_NOT_MAPPED);
    }

    @Test
    void shouldNotReportSyncNotMapped() {
        long address = mapped(FROM_DEVICE);
        dma.syncSingleForCpu(address, PAGE, FROM_DEVICE);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
    }

    @Test
    void shouldReportSyncOutside() {
        dma.syncRangeForCpu(mapped(FROM_DEVICE), 8, PAGE, FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.SYNC_OUTSIDE);
        sanitizer.unbindAll();
        sanitizer.clear();
    }

    @Test
    void shouldNotReportSyncOutside() {
        long address = mapped(FROM_DEVICE);
        dma.syncRangeForCpu(address, 8, PAGE - 8, FROM_DEVICE);
        dma.syncRangeForDevice(address, 8, PAGE - 8, FROM_DEVICE);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
    }

    @Test
    void shouldReportSyncDirection() {
        long address = mapped(FROM_DEVICE);
        dma.syncSingleForCpu(address, PAGE, BIDIRECTIONAL);
        Expect.withMapping(sanitizer, Finding.SYNC_DIRECTION);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
    }

    /// A mapping in both directions is synced in any, as in Linux.
    @Test
    void shouldNotReportSyncDirection() {
        long address = mapped(BIDIRECTIONAL);
        dma.syncSingleForCpu(address, PAGE, FROM_DEVICE);
        dma.syncSingleForDevice(address, PAGE, TO_DEVICE);
        dma.unmapPage(address, PAGE, BIDIRECTIONAL);
    }

    @Test
    void shouldReportSyncForCpuReadOnly() {
        long address = mapped(TO_DEVICE);
        dma.syncSingleForCpu(address, PAGE, FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.SYNC_FOR_CPU_READ_ONLY);
        dma.unmapPage(address, PAGE, TO_DEVICE);
    }

    /// With its own direction it is how the CPU takes a buffer back to write it again.
    @Test
    void shouldNotReportSyncForCpuReadOnly() {
        long address = mapped(TO_DEVICE);
        dma.syncSingleForCpu(address, PAGE, TO_DEVICE);
        dma.syncSingleForDevice(address, PAGE, TO_DEVICE);
        dma.unmapPage(address, PAGE, TO_DEVICE);
    }

    @Test
    void shouldReportSyncForDeviceWriteOnly() {
        long address = mapped(FROM_DEVICE);
        dma.syncSingleForDevice(address, PAGE, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.SYNC_FOR_DEVICE_WRITE_ONLY);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
    }

    @Test
    void shouldNotReportSyncForDeviceWriteOnly() {
        long address = mapped(FROM_DEVICE);
        dma.syncSingleForCpu(address, PAGE, FROM_DEVICE);
        dma.syncSingleForDevice(address, PAGE, FROM_DEVICE);
        dma.unmapPage(address, PAGE, FROM_DEVICE);
    }

    private List<DmaSegment> list() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        return dma.mapSg(ScatterList.of(pages), FROM_DEVICE);
    }

    @Test
    void shouldReportSyncEntryCount() {
        List<DmaSegment> segments = list();
        dma.syncSgForCpu(segments, segments.size(), FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.SYNC_ENTRY_COUNT);
        dma.unmapSg(segments, 2, FROM_DEVICE);
    }

    @Test
    void shouldNotReportSyncEntryCount() {
        List<DmaSegment> segments = list();
        dma.syncSgForCpu(segments, 2, FROM_DEVICE);
        dma.syncSgForDevice(segments, 2, FROM_DEVICE);
        dma.unmapSg(segments, 2, FROM_DEVICE);
    }
}
