package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.device.TestNode;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Findings 33 and 40 to 42: what is done to keys and to requests under way. Two adapters behind
/// IOMMUs, opened by name, talk over the loopback interface; both are looked at.
class VerbsFindingsTest {

    private static final int PAGE = 4096;
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final PrivilegedContext leftContext = open("hca@127.0.0.91");
    private final PrivilegedContext rightContext = open("hca@127.0.0.92");
    private final TestNode left = new TestNode(leftContext, PAGE);
    private final TestNode right = new TestNode(rightContext, PAGE);
    private final Sanitizer sanitizer = leftContext.sanitizer().orElseThrow();
    private final DmaDevice dma = leftContext.dma();
    private final PhysicalAllocation page =
            leftContext.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));

    VerbsFindingsTest() {
        TestNode.connect(left, right, Mtu.MTU_1024);
    }

    private static PrivilegedContext open(String name) {
        return RdmaDevices.openPrivileged(name, Map.of("sanitizer", "on", "transport", "nio"));
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
        assertThat(sanitizer.reports()).isEmpty();
        assertThat(rightContext.sanitizer().orElseThrow().reports()).isEmpty();
    }

    private WorkCompletionStatus run(SendWorkRequest request) {
        left.queuePair.postSend(request);
        return completion();
    }

    private WorkCompletionStatus completion() {
        List<WorkCompletion> done = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (done.isEmpty() && System.nanoTime() - end < 0) {
            done.addAll(left.sends.poll(1));
            right.sends.poll(1);
        }
        assertThat(done).hasSize(1);
        return done.getFirst().status();
    }

    private SendWorkRequest write(DmaMapping mapping, int key) {
        return write(1, mapping, key);
    }

    private SendWorkRequest write(long id, DmaMapping mapping, int key) {
        DmaSegment segment = mapping.segments().getFirst();
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(new Sge(segment.address(), (int) segment.length(), key)),
                right.region.address(),
                right.region.remoteKey(),
                SIGNALED);
    }

    private int localKey() {
        return left.privileged().localDmaLkey();
    }

    @Test
    void shouldReportLocalKeyMisused() {
        SendWorkRequest invalidate = new SendWorkRequest.LocalInvalidate(1, localKey(), SIGNALED);
        assertThat(run(invalidate)).isNotEqualTo(WorkCompletionStatus.SUCCESS);
        Expect.byDevice(sanitizer, Finding.LOCAL_KEY_MISUSED);
    }

    @Test
    void shouldReportLocalKeyMisusedByAPeer() {
        int remote = right.privileged().localDmaLkey();
        SendWorkRequest read =
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, 64)), 4096, remote, SIGNALED);
        assertThat(run(read)).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        Expect.byDevice(rightContext.sanitizer().orElseThrow(), Finding.LOCAL_KEY_MISUSED);
    }

    @Test
    void shouldNotReportLocalKeyMisused() {
        try (DmaMapping mapping = dma.map(page, TO_DEVICE)) {
            assertThat(run(write(mapping, localKey()))).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    private WorkCompletionStatus register(FastRegion region) {
        return run(
                new SendWorkRequest.RegisterMemory(2, region, region.localKey(), ACCESS, SIGNALED));
    }

    private FastRegion mapped(DmaMapping mapping) {
        FastRegion region = left.privileged().allocateFastRegion(1);
        assertThat(region.mapSegments(mapping.segments(), 0, PAGE)).isEqualTo(1);
        return region;
    }

    private WorkCompletionStatus invalidate(int key) {
        return run(new SendWorkRequest.LocalInvalidate(3, key, SIGNALED));
    }

    @Test
    void shouldReportFastKeyMisused() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
            region.incrementKey();
            // Not invalidated before.
            assertThat(register(region)).isNotEqualTo(WorkCompletionStatus.SUCCESS);
            Expect.byDevice(sanitizer, Finding.FAST_KEY_MISUSED);
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
            assertThat(Expect.byDevice(sanitizer, Finding.FAST_KEY_MISUSED).detail())
                    .contains("has another now");
        }
    }

    @Test
    void shouldReportFastKeyMisusedWhenAKeyComesBack() {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL);
                FastRegion region = mapped(mapping)) {
            for (int i = 0; i < 257; i++) {
                assertThat(sanitizer.reports()).isEmpty();
                assertThat(register(region)).isEqualTo(WorkCompletionStatus.SUCCESS);
                assertThat(invalidate(region.localKey())).isEqualTo(WorkCompletionStatus.SUCCESS);
                region.incrementKey();
            }
            Expect.byDevice(sanitizer, Finding.FAST_KEY_MISUSED);
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

    @Test
    void shouldReportUnmapBeforeCompletion() {
        DmaMapping mapping = dma.map(page, TO_DEVICE);
        left.queuePair.postSend(write(mapping, localKey()));
        mapping.close();
        Expect.withMappingAndUseAfterUnmap(sanitizer, Finding.UNMAP_BEFORE_COMPLETION);
        endWrongProgram();
    }

    /// Nothing is sent again after this; what was may have reached what was unmapped.
    private void endWrongProgram() {
        left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        assertThat(sanitizer.reports())
                .allMatch(it -> it.finding() == Finding.DEVICE_USE_AFTER_UNMAP);
        sanitizer.clear();
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
}
