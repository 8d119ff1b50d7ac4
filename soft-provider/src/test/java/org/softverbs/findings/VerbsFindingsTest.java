package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletionStatus;

/// Findings 40 and 41: what is done to keys.
class VerbsFindingsTest extends VerbsPair {

    @Test
    void shouldReportLocalKeyMisused() {
        SendWorkRequest invalidate = new SendWorkRequest.LocalInvalidate(1, localKey(), SIGNALED);
        assertThat(run(invalidate)).isNotEqualTo(WorkCompletionStatus.SUCCESS);
        Expect.only(sanitizer, Finding.LOCAL_KEY_MISUSED);
    }

    @Test
    void shouldReportLocalKeyMisusedByAPeer() {
        int remote = right.privileged().localDmaLkey();
        PhysicalAllocation other =
                rightContext.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));
        try (DmaMapping mapping = rightContext.dma().map(other, BIDIRECTIONAL)) {
            long address = mapping.segments().getFirst().address();
            SendWorkRequest read =
                    new SendWorkRequest.RdmaRead(
                            1, List.of(left.region.element(0, 64)), address, remote, SIGNALED);
            assertThat(run(read)).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
            Report report =
                    Expect.byPeer(
                            rightContext.sanitizer().orElseThrow(), Finding.LOCAL_KEY_MISUSED);
            assertThat(report.mapping()).isPresent();
        }
    }

    @Test
    void shouldNotReportLocalKeyMisused() {
        try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
            assertThat(run(write(mapping, localKey()))).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    @Test
    void shouldReportFastKeyMisused() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            region.incrementKey();
            // Not invalidated before.
            assertThat(register(region)).isNotEqualTo(WorkCompletionStatus.SUCCESS);
            Expect.withMapping(sanitizer, Finding.FAST_KEY_MISUSED);
        }
    }

    @Test
    void shouldReportFastKeyMisusedWhenAStaleKeyIsUsed() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            int stale = region.localKey();
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(invalidate(stale)).isEqualTo(WorkCompletionStatus.SUCCESS);
            region.incrementKey();
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(run(write(mapping, stale))).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(Expect.withMapping(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("has another now");
        }
    }

    private void registerAgain(FastRegion region, int times) {
        for (int i = 0; i < times; i++) {
            region.incrementKey();
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(invalidate(region.localKey())).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(sanitizer.reports()).isEmpty();
        }
    }

    /// A receive of the first registration waits still when its key is valid again.
    @Test
    void shouldReportFastKeyMisusedWhenAKeyComesBackToAnOlderRequest() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            int key = region.localKey();
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            left.queuePair.postReceive(
                    new ReceiveWorkRequest(5, List.of(new Sge(region.address(), 64, key))));
            assertThat(invalidate(key)).isEqualTo(WorkCompletionStatus.SUCCESS);
            registerAgain(region, 255);
            assertThat(region.incrementKey()).isEqualTo(key);
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(Expect.withMapping(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("was one of this region before", "receive 5 of queue pair");
            left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
    }

    /// Nothing that was posted with a key is under way when it comes back.
    @Test
    void shouldNotReportFastKeyMisusedWhenARegionIsUsedMoreThan255Times() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            registerAgain(region, 600);
        }
    }

    /// What is posted before a registration, for it, is not of an older one with that key.
    @Test
    void shouldNotReportFastKeyMisusedOfAReceiveThatIsPostedForTheNextRegistration() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            registerAgain(region, 256);
            int next = region.incrementKey();
            left.queuePair.postReceive(
                    new ReceiveWorkRequest(5, List.of(new Sge(region.address(), 64, next))));
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
    }

    @Test
    void shouldNotReportFastKeyMisused() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            for (int i = 0; i < 256; i++) {
                assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
                assertThat(run(write(mapping, region.localKey())))
                        .isEqualTo(WorkCompletionStatus.SUCCESS);
                assertThat(invalidate(region.localKey())).isEqualTo(WorkCompletionStatus.SUCCESS);
                region.incrementKey();
            }
        }
    }

    /// The upper 24 bits are not the region's.
    @Test
    void shouldReportFastKeyMisusedWhenTheIndexIsAnothers() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            int wrong = region.localKey() ^ 0x100;
            SendWorkRequest request =
                    new SendWorkRequest.RegisterMemory(2, region, wrong, ACCESS, SIGNALED);
            assertThatThrownBy(() -> left.queuePair.postSend(request))
                    .hasMessageContaining("more than its low 8 bits");
            assertThat(Expect.only(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("the key of another");
        }
    }

    @Test
    void shouldReportFastKeyMisusedWhenItsRegionIsClosed() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
            FastRegion region = mapped(mapping);
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            region.close();
            assertThat(run(write(mapping, region.localKey())))
                    .isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(Expect.only(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("is closed", "request 1 of queue pair");
        }
    }

    /// Of two requests under way the one that was wrong is told.
    @Test
    void shouldTellWhichRequestMisusedAKey() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            left.queuePair.postSend(write(7, mapping, localKey()));
            left.queuePair.postSend(write(8, mapping, region.localKey()));
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(completion()).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(Expect.only(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("request 8 of queue pair");
        }
    }
}
