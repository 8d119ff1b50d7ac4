package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.junit.SoftVerbs;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.packet.RunList;

/// What the sanitizer must tell apart, and how much it keeps.
@SoftVerbs(iommu = true, bouncing = BouncePolicy.OFF)
class NoFalseFindingsTest {

    private static final int PAGE = 4096;

    private final DmaAttachment attachment;
    private final DmaDevice device;
    private final RawDma dma;
    private final Sanitizer sanitizer;
    private final PhysicalMemory memory;
    private final PhysicalAllocation page;

    NoFalseFindingsTest(DmaAttachment attachment, Sanitizer sanitizer, PhysicalMemory memory) {
        this.attachment = attachment;
        this.device = attachment.device();
        this.dma = device.raw();
        this.sanitizer = sanitizer;
        this.memory = memory;
        this.page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
    }

    private void writeByDevice(DmaMapping mapping) {
        DmaSegment segment = mapping.segments().getFirst();
        RunList runs = new RunList();
        attachment.memory().resolve(segment.address(), segment.length(), true, runs);
        byte[] bytes = new byte[PAGE];
        bytes[100] = 7;
        RunList source = new RunList();
        source.add(MemorySegment.ofArray(bytes), 0, PAGE);
        assertThat(source.copyTo(runs)).isTrue();
    }

    /// It is no mistake of the CPU's that the page of the other mapping has changed.
    @Test
    void shouldNotTakeADevicesWriteForTheCpusInAnotherMappingOfThePage() {
        try (DmaMapping sent = device.map(page, TO_DEVICE);
                DmaMapping received = device.map(page, FROM_DEVICE)) {
            writeByDevice(received);
            received.syncForCpu();
            assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 7);
            assertThat(sent.length()).isEqualTo(PAGE);
        }
        assertThat(sanitizer.reports()).isEmpty();
    }

    /// The first page was made known to the device, the second was not.
    @Test
    void shouldReportNotLinkedOrSyncedBehindASyncOfAPart() {
        PhysicalAllocation other = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        IovaState state = new IovaState();
        assertThat(dma.tryAllocate(state, page.address(0), 2L * PAGE)).isTrue();
        dma.link(state, page.address(0), 0, PAGE, TO_DEVICE);
        dma.link(state, other.address(0), PAGE, PAGE, TO_DEVICE);
        dma.sync(state, 0, PAGE);
        attachment.memory().resolve(state.address(), PAGE, false, new RunList());
        assertThat(sanitizer.reports()).isEmpty();
        attachment.memory().resolve(state.address() + PAGE, PAGE, false, new RunList());
        Expect.withMapping(sanitizer, Finding.NOT_LINKED_OR_SYNCED);
        dma.sync(state, PAGE, PAGE);
        attachment.memory().resolve(state.address() + PAGE, PAGE, false, new RunList());
        dma.destroy(state, 2L * PAGE);
    }

    /// What has ended is kept for a report, not its bytes.
    @Test
    void shouldTellOfAMappingThatEndedHowLongItWas() {
        DmaMapping mapping = device.map(page, BIDIRECTIONAL);
        long address = mapping.segments().getFirst().address();
        mapping.close();
        attachment.memory().resolve(address, 1, false, new RunList());
        Report report = Expect.withMapping(sanitizer, Finding.DEVICE_USE_AFTER_UNMAP);
        assertThat(report.mapping().orElseThrow()).contains("4096 bytes", "1 entries");
    }

    @Test
    void shouldUnmapTogetherWithOneFlush() {
        List<DmaMapping> mappings = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            mappings.add(device.map(page, TO_DEVICE));
        }
        long before = device.statistics().iotlbFlushes();
        device.unmapAll(mappings);
        mappings.forEach(DmaMapping::close);
        assertThat(device.statistics().iotlbFlushes()).isEqualTo(before + 1);
        assertThat(sanitizer.liveMappings()).isZero();
    }

    /// The oldest is the last of a long chain.
    @Test
    void shouldRememberThirtyThousandMappingsOfOnePage() {
        List<DmaMapping> mappings = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            mappings.add(device.map(page, TO_DEVICE));
        }
        assertThat(sanitizer.liveMappings()).isEqualTo(30_000);
        mappings.forEach(DmaMapping::close);
        assertThat(sanitizer.liveMappings()).isZero();
    }

    @Test
    void shouldKeepTheFirstReportsAndTellThemAll() {
        List<Report> told = new ArrayList<>();
        sanitizer.onReport(told::add);
        for (int i = 0; i < 5000; i++) {
            dma.unmapPage(RawDma.MAPPING_ERROR, PAGE, TO_DEVICE);
        }
        assertThat(told).hasSize(5000);
        assertThat(sanitizer.reports()).hasSize(4096).isEqualTo(told.subList(0, 4096));
        sanitizer.clear();
    }
}
