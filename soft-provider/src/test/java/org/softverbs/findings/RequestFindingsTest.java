package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Findings 33 and 42: what is done while requests are under way.
class RequestFindingsTest extends VerbsPair {

    @Test
    void shouldReportUnmapBeforeCompletion() {
        DmaMapping mapping = dma.map(page, TO_DEVICE);
        left.queuePair.postSend(write(mapping, localKey()));
        mapping.close();
        Expect.withMappingAndUseAfterUnmap(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
        endWrongProgram();
    }

    /// Two requests of which one is written to have the same mapping.
    @Test
    void shouldReportUnmapBeforeCompletionWhenAMappingIsSharedWithARead() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
            DmaSegment segment = mapping.segments().getFirst();
            left.queuePair.postSend(write(1, mapping, localKey()));
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaRead(
                            2,
                            List.of(new Sge(segment.address(), PAGE, localKey())),
                            right.region.address(),
                            right.region.remoteKey(),
                            SIGNALED));
            Expect.withMapping(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    /// A completion covers the unsignaled requests before it.
    @Test
    void shouldNotReportUnmapBeforeCompletion() {
        try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
            for (long id = 1; id < 4; id++) {
                left.queuePair.postSend(write(id, mapping, localKey()));
            }
            for (long id = 1; id < 4; id++) {
                assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
            }
        }
    }

    @Test
    void shouldReportAddressReused() {
        DmaMapping first = dma.map(page, TO_DEVICE);
        left.queuePair.postSend(write(first, localKey()));
        first.close();
        Expect.withMappingAndUseAfterUnmap(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
        PhysicalAllocation other =
                leftContext.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));
        try (DmaMapping second = dma.map(other, TO_DEVICE)) {
            assertThat(second.segments()).isEqualTo(first.segments());
            Expect.withMappingAndUseAfterUnmap(sanitizer, Finding.ADDRESS_REUSED);
            // The device may have come while nothing was mapped, or find the bytes of another.
            assertThat(completion())
                    .isIn(WorkCompletionStatus.SUCCESS, WorkCompletionStatus.LOC_PROT_ERR);
            endWrongProgram();
        }
    }

    @Test
    void shouldNotReportAddressReused() {
        for (int i = 0; i < 2; i++) {
            try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
                assertThat(run(write(mapping, localKey()))).isEqualTo(WorkCompletionStatus.SUCCESS);
            }
        }
    }

    private ReceiveWorkRequest receive(DmaMapping mapping, int key) {
        DmaSegment segment = mapping.segments().getFirst();
        return new ReceiveWorkRequest(
                1, List.of(new Sge(segment.address(), (int) segment.length(), key)));
    }

    private void sendFromTheRight() {
        sendFromTheRight(
                new SendWorkRequest.Send(9, List.of(right.region.element(0, 64)), SIGNALED));
    }

    private void sendFromTheRight(SendWorkRequest send) {
        right.queuePair.postSend(send);
        List<WorkCompletion> done = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (done.isEmpty() && System.nanoTime() - end < 0) {
            done.addAll(left.receives.poll(1));
            right.sends.poll(1);
        }
        assertThat(done).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    @Test
    void shouldReportUnmapBeforeCompletionOfAReceive() {
        DmaMapping mapping = dma.map(page, FROM_DEVICE);
        left.queuePair.postReceive(receive(mapping, localKey()));
        mapping.close();
        assertThat(Expect.withMapping(sanitizer, Finding.UNMAP_BEFORE_COMPLETION).detail())
                .contains("receive 1 of queue pair");
        endWrongProgram();
    }

    @Test
    void shouldReportUnmapBeforeCompletionWhenTwoReceivesShareABuffer() {
        try (DmaMapping mapping = dma.map(page, FROM_DEVICE)) {
            left.queuePair.postReceive(receive(mapping, localKey()));
            left.queuePair.postReceive(receive(mapping, localKey()));
            Expect.withMapping(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
            left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
    }

    @Test
    void shouldNotReportUnmapBeforeCompletionOfReceives() {
        for (int i = 0; i < 3; i++) {
            try (DmaMapping mapping = dma.map(page, FROM_DEVICE)) {
                left.queuePair.postReceive(receive(mapping, localKey()));
                sendFromTheRight();
            }
        }
    }

    @Test
    void shouldReportAddressReusedWhileAReceiveNamesIt() {
        DmaMapping first = dma.map(page, FROM_DEVICE);
        left.queuePair.postReceive(receive(first, localKey()));
        first.close();
        Expect.withMapping(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
        PhysicalAllocation other =
                leftContext.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));
        try (DmaMapping second = dma.map(other, FROM_DEVICE)) {
            assertThat(second.segments()).isEqualTo(first.segments());
            Expect.withMapping(sanitizer, Finding.ADDRESS_REUSED);
            left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
    }

    /// The registration has not had its turn when the request that uses it is posted.
    @Test
    void shouldReportUnmapBeforeCompletionBehindARegistration() {
        DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
        try (FastRegion region = mapped(mapping)) {
            int key = region.localKey();
            left.queuePair.postSend(
                    new SendWorkRequest.RegisterMemory(2, region, key, ACCESS, Set.of()));
            left.queuePair.postSend(write(mapping, key));
            mapping.close();
            // The write names it, and so does the registration until it has had its turn.
            assertThat(sanitizer.reports())
                    .filteredOn(it -> it.finding() == Finding.UNMAP_BEFORE_COMPLETION)
                    .hasSizeBetween(1, 2)
                    .allMatch(it -> it.mapping().isPresent())
                    .anyMatch(it -> it.detail().contains("request 1 of queue pair"));
            sanitizer.clear();
            endWrongProgram();
        }
    }

    @Test
    void shouldNotReportUnmapBeforeCompletionBehindARegistration() {
        try (FastRegion region = left.privileged().allocateFastRegion(1)) {
            for (int i = 0; i < 3; i++) {
                try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
                    region.mapSegments(mapping.segments(), 0, PAGE);
                    int key = region.incrementKey();
                    left.queuePair.postSend(
                            new SendWorkRequest.RegisterMemory(2, region, key, ACCESS, Set.of()));
                    left.queuePair.postSend(write(mapping, key));
                    assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
                    assertThat(invalidate(key)).isEqualTo(WorkCompletionStatus.SUCCESS);
                }
            }
        }
    }

    /// Whoever lets the peer end it asks for no completion of the registration.
    @Test
    void shouldNotReportUnmapBeforeCompletionOfARegistrationThatThePeerInvalidated() {
        try (FastRegion region = left.privileged().allocateFastRegion(1)) {
            DmaMapping mapping = dma.map(page, FROM_DEVICE);
            region.mapSegments(mapping.segments(), 0, PAGE);
            int key = region.localKey();
            left.queuePair.postReceive(
                    new ReceiveWorkRequest(1, List.of(left.region.element(0, 64))));
            left.queuePair.postSend(
                    new SendWorkRequest.RegisterMemory(2, region, key, ACCESS, Set.of()));
            awaitValid(region);
            sendFromTheRight(
                    new SendWorkRequest.SendWithInvalidate(
                            9, List.of(right.region.element(0, 64)), key, SIGNALED));
            assertThat(region.state()).isEqualTo(FastRegionState.INVALID);
            mapping.close();
            assertThat(sanitizer.reports()).isEmpty();
        }
    }

    private void awaitValid(FastRegion region) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (region.state() != FastRegionState.VALID && System.nanoTime() - end < 0) {
            assertThat(left.sends.poll(1)).isEmpty();
        }
        assertThat(region.state()).isEqualTo(FastRegionState.VALID);
    }

    /// Identifiers are the user's: they need not tell requests apart.
    @Test
    void shouldNotReportUnmapBeforeCompletionWhenAllRequestsHaveTheSameIdentifier() {
        try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
            DmaSegment segment = mapping.segments().getFirst();
            List<Sge> elements = List.of(new Sge(segment.address(), PAGE, localKey()));
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            1,
                            elements,
                            right.region.address(),
                            right.region.remoteKey(),
                            Set.of()));
            assertThat(run(write(1, mapping, localKey()))).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    /// A write that waits for the read before it may send what was read.
    @Test
    void shouldNotReportUnmapBeforeCompletionWhenAWriteWaitsForTheRead() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
            DmaSegment segment = mapping.segments().getFirst();
            List<Sge> elements = List.of(new Sge(segment.address(), PAGE, localKey()));
            long address = right.region.address();
            int key = right.region.remoteKey();
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaRead(1, elements, address, key, SIGNALED));
            Set<SendFlag> fenced = EnumSet.of(SendFlag.SIGNALED, SendFlag.FENCE);
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(2, elements, address, key, fenced));
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    /// What a listener throws at the second request comes out before the first is posted.
    @Test
    void shouldPostNoneOfAListWhenAListenerThrowsAtAReport() {
        List<SendWorkRequest> list = new ArrayList<>();
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
            DmaSegment segment = mapping.segments().getFirst();
            list.add(write(1, mapping, localKey()));
            list.add(
                    new SendWorkRequest.RdmaRead(
                            2,
                            List.of(new Sge(segment.address(), PAGE, localKey())),
                            right.region.address(),
                            right.region.remoteKey(),
                            SIGNALED));
            boolean[] throwing = {true};
            sanitizer.onReport(
                    report -> {
                        if (throwing[0]) {
                            throw new IllegalStateException(report.toString());
                        }
                    });
            assertThatThrownBy(() -> left.queuePair.postSendAll(list))
                    .isInstanceOf(IllegalStateException.class);
            throwing[0] = false;
            Expect.withMapping(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
            // Nothing is under way: the next completion is that of the next request.
            assertThat(run(write(7, mapping, localKey()))).isEqualTo(WorkCompletionStatus.SUCCESS);
            left.queuePair.postSendAll(list.subList(0, 1));
            assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    /// A request that was refused is not under way.
    @Test
    void shouldNotReportUnmapBeforeCompletionOfARequestThatWasRefused() {
        try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
            left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
            SendWorkRequest request = write(mapping, localKey());
            assertThatThrownBy(() -> left.queuePair.postSend(request))
                    .hasMessageContaining("RESET");
        }
    }
}
