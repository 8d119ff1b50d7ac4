package org.softverbs.soft.sanitize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;

/// Requests of a device without an IOMMU: all mappings of a page have the same address.
class RequestLedgerTest {

    private static final int PAGE = 4096;
    private static final int KEY = 0x1234;
    private static final int CAPACITY = 4;

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final DmaSanitizer sanitizer = host.sanitize();
    private final DmaAttachment attachment =
            DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host);
    private final RequestLedger requests = attachment.ledger().orElseThrow().requests();
    private final PhysicalAllocation page =
            host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));

    RequestLedgerTest() {
        requests.localDmaKey(KEY);
    }

    private DmaMapping map() {
        return attachment.device().map(page, TO_DEVICE);
    }

    private void post(long position, long address) {
        PostedRequest request = requests.request(1, false, 7, false);
        request.element(address, PAGE, KEY);
        requests.posted(request, position, CAPACITY);
    }

    /// The request may as well be the other mapping's.
    @Test
    void shouldReportAnUnmapOnlyWhenNoOtherMappingHasWhatTheRequestNames() {
        DmaMapping first = map();
        DmaMapping second = map();
        post(0, page.address(0));
        first.close();
        assertThat(sanitizer.reports()).isEmpty();
        second.close();
        assertThat(sanitizer.reports())
                .extracting(Report::finding)
                .containsExactly(Finding.UNMAP_BEFORE_COMPLETION);
    }

    /// A queue that holds four has none but the last four under way, whether or not they complete.
    @Test
    void shouldForgetWhatTheQueueHasNoRoomFor() {
        DmaMapping mapping = map();
        post(0, page.address(0));
        for (long position = 1; position <= CAPACITY; position++) {
            post(position, 0);
        }
        mapping.close();
        assertThat(sanitizer.reports()).isEmpty();
    }

    @Test
    void shouldCoverAllRequestsUpToTheOneThatCompleted() {
        DmaMapping mapping = map();
        post(0, page.address(0));
        post(1, page.address(0));
        post(2, 0);
        requests.completed(1, false, 1);
        mapping.close();
        assertThat(sanitizer.reports()).isEmpty();
    }

    private void post(int queuePair, boolean deviceWrites, long address, long length) {
        PostedRequest request = requests.request(queuePair, false, queuePair, deviceWrites);
        request.element(address, length, KEY);
        requests.posted(request, 0, CAPACITY);
    }

    /// One reads a page, another writes it: each has mapped it for itself.
    @Test
    void shouldNotReportSharingWhenEachRequestHasAMappingOfItsOwn() {
        DmaMapping read = map();
        DmaMapping written = attachment.device().map(page, FROM_DEVICE);
        post(1, false, page.address(0), PAGE);
        post(2, true, page.address(0), PAGE);
        assertThat(sanitizer.reports()).isEmpty();
        requests.dropped(1);
        requests.dropped(2);
        read.close();
        written.close();
        assertThat(sanitizer.reports()).isEmpty();
    }

    @Test
    void shouldNotReportSharingWhenTheSecondMappingHasAPartOnly() {
        DmaMapping whole = map();
        DmaMapping part = attachment.device().mapPage(page.address(0) + 64, 64, FROM_DEVICE);
        post(2, true, page.address(0) + 64, 64);
        post(1, false, page.address(0), PAGE);
        assertThat(sanitizer.reports()).isEmpty();
        requests.dropped(1);
        requests.dropped(2);
        whole.close();
        part.close();
    }

    @Test
    void shouldReportSharingOfTheOnlyMapping() {
        DmaMapping mapping = attachment.device().map(page, BIDIRECTIONAL);
        post(1, false, page.address(0), PAGE);
        post(2, true, page.address(0), PAGE);
        assertThat(sanitizer.reports())
                .extracting(Report::finding)
                .containsExactly(Finding.UNMAP_BEFORE_COMPLETION);
        requests.dropped(1);
        requests.dropped(2);
        mapping.close();
    }
}
