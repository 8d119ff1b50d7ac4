package org.softverbs.soft.sanitize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;

/// A listener that throws at each report: what it throws comes out of the wrong call, a mapping
/// that could not be given out is undone, and one that is to end has ended.
class ThrowingListenerTest {

    private static final int PAGE = 4096;
    private static final int KEY = 0x1234;

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final DmaSanitizer sanitizer = host.sanitize();
    private final DmaAttachment attachment =
            DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host);
    private final DmaDevice device = attachment.device();
    private final RawDma dma = device.raw();
    private final RequestLedger requests = attachment.ledger().orElseThrow().requests();
    private final PhysicalAllocation page =
            host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));

    ThrowingListenerTest() {
        requests.localDmaKey(KEY);
        sanitizer.onReport(
                report -> {
                    throw new IllegalStateException(report.toString());
                });
    }

    private static void assertThrown(Finding finding, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(finding.toString());
    }

    private void assertNothingLeft() {
        assertThat(sanitizer.liveMappings()).isZero();
        assertThat(device.statistics().unmaps()).isEqualTo(device.statistics().maps());
        sanitizer.unbindAll();
    }

    private PostedRequest request(long id, DmaMapping mapping, boolean deviceWrites) {
        PostedRequest request = requests.request(1, false, id, deviceWrites);
        DmaSegment segment = mapping.segments().getFirst();
        request.element(segment.address(), segment.length(), KEY);
        return request;
    }

    @Test
    void shouldHaveEndedAMappingThatTheCpuTouched() {
        DmaMapping mapping = device.map(page, FROM_DEVICE);
        page.segment().fill((byte) 5);
        assertThrown(Finding.CPU_WHILE_DEVICE_OWNS, mapping::close);
        mapping.close();
        assertNothingLeft();
        device.map(page, FROM_DEVICE).close();
        assertNothingLeft();
    }

    @Test
    void shouldHaveEndedAMappingThatARequestNames() {
        DmaMapping mapping = device.map(page, TO_DEVICE);
        requests.posted(request(1, mapping, false), 0, 4);
        requests.posted(request(2, mapping, false), 1, 4);
        assertThrown(Finding.UNMAP_BEFORE_COMPLETION, mapping::close);
        // Both are told, though the listener threw at the first.
        assertThat(sanitizer.reports())
                .extracting(Report::finding)
                .containsExactly(Finding.UNMAP_BEFORE_COMPLETION, Finding.UNMAP_BEFORE_COMPLETION);
        assertNothingLeft();
    }

    @Test
    void shouldUndoAMappingThatOverlaps() {
        try (DmaMapping mapping = device.map(page, FROM_DEVICE)) {
            assertThat(mapping.length()).isEqualTo(PAGE);
            assertThrown(Finding.OVERLAP, () -> device.map(page, FROM_DEVICE));
            assertThrown(Finding.OVERLAP, () -> device.mapPages(page, FROM_DEVICE));
            assertThrown(Finding.OVERLAP, () -> overlapByTransaction());
            assertThrown(Finding.OVERLAP, () -> dma.mapPage(page.address(0), PAGE, FROM_DEVICE));
            assertThrown(Finding.OVERLAP, () -> dma.mapSg(ScatterList.of(page), FROM_DEVICE));
            assertThat(sanitizer.liveMappings()).isEqualTo(1);
        }
        assertNothingLeft();
    }

    private void overlapByTransaction() {
        try (DmaTransaction begun = device.begin(page, FROM_DEVICE)) {
            begun.linkAll();
            begun.done();
        }
    }

    @Test
    void shouldUndoALinkThatOverlaps() {
        DmaMapping mapping = device.map(page, FROM_DEVICE);
        IovaState state = new IovaState();
        assertThat(dma.tryAllocate(state, page.address(0), PAGE)).isTrue();
        assertThrown(Finding.OVERLAP, () -> dma.link(state, page.address(0), 0, PAGE, FROM_DEVICE));
        mapping.close();
        dma.link(state, page.address(0), 0, PAGE, FROM_DEVICE);
        dma.destroy(state, PAGE);
        assertNothingLeft();
    }

    @Test
    void shouldUndoAListWithAnElementThatIsTooLong() {
        DmaAttachment direct = DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host);
        long length = direct.device().limits().maxSegment() + 1;
        PhysicalAllocation large =
                host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(length));
        ScatterList list = new ScatterList().add(large.address(0), 0, length);
        assertThrown(Finding.SEGMENT_TOO_LONG, () -> direct.device().mapSg(list, TO_DEVICE));
        assertThat(sanitizer.liveMappings()).isZero();
        assertThat(direct.device().statistics().unmaps())
                .isEqualTo(direct.device().statistics().maps())
                .isEqualTo(1);
    }

    @Test
    void shouldHaveUnmappedWhatIsUnmappedWrongly() {
        long address = dma.mapPage(page.address(0), PAGE, TO_DEVICE);
        assertThat(dma.mappingError(address)).isFalse();
        assertThrown(Finding.WRONG_SIZE, () -> dma.unmapPage(address, 1, TO_DEVICE));
        assertNothingLeft();
    }

    @Test
    void shouldForgetWhatIsLeftWhenADeviceGoesAway() {
        DmaMapping mapping = device.map(page, TO_DEVICE);
        assertThrown(Finding.LEFT_MAPPED, sanitizer::unbindAll);
        assertThat(sanitizer.liveMappings()).isZero();
        sanitizer.unbindAll();
        mapping.close();
    }

    /// None of a list is under way when one of it is reported.
    @Test
    void shouldNoteAllRequestsOfAListOrNone() {
        DmaMapping mapping = device.map(page, TO_DEVICE);
        List<PostedRequest> list = List.of(request(1, mapping, false), request(2, mapping, true));
        assertThrown(Finding.UNMAP_BEFORE_COMPLETION, () -> requests.postedAll(list, 0, 4));
        mapping.close();
        assertNothingLeft();
    }
}
