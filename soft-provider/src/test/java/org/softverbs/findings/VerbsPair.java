package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
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

/// Two adapters behind IOMMUs, opened by name, that talk over the loopback interface; both are
/// looked at.
abstract class VerbsPair {

    static final int PAGE = 4096;
    static final long PATIENCE_NANOS = 10_000_000_000L;
    static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    static final Set<AccessFlag> ACCESS =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    final PrivilegedContext leftContext = open("hca@127.0.0.91");
    final PrivilegedContext rightContext = open("hca@127.0.0.92");
    final TestNode left = new TestNode(leftContext, PAGE);
    final TestNode right = new TestNode(rightContext, PAGE);
    final Sanitizer sanitizer = leftContext.sanitizer().orElseThrow();
    final DmaDevice dma = leftContext.dma();
    final PhysicalAllocation page =
            leftContext.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));

    VerbsPair() {
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

    WorkCompletionStatus run(SendWorkRequest request) {
        left.queuePair.postSend(request);
        return completion();
    }

    WorkCompletionStatus completion() {
        List<WorkCompletion> done = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (done.isEmpty() && System.nanoTime() - end < 0) {
            done.addAll(left.sends.poll(1));
            right.sends.poll(1);
        }
        assertThat(done).hasSize(1);
        return done.getFirst().status();
    }

    SendWorkRequest write(DmaMapping mapping, int key) {
        return write(1, mapping, key);
    }

    SendWorkRequest write(long id, DmaMapping mapping, int key) {
        DmaSegment segment = mapping.segments().getFirst();
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(new Sge(segment.address(), (int) segment.length(), key)),
                right.region.address(),
                right.region.remoteKey(),
                SIGNALED);
    }

    int localKey() {
        return left.privileged().localDmaLkey();
    }

    WorkCompletionStatus register(FastRegion region) {
        return run(
                new SendWorkRequest.RegisterMemory(2, region, region.localKey(), ACCESS, SIGNALED));
    }

    FastRegion mapped(DmaMapping mapping) {
        FastRegion region = left.privileged().allocateFastRegion(1);
        assertThat(region.mapSegments(mapping.segments(), 0, PAGE)).isEqualTo(1);
        return region;
    }

    WorkCompletionStatus invalidate(int key) {
        return run(new SendWorkRequest.LocalInvalidate(3, key, SIGNALED));
    }

    /// Nothing is sent again after this; what was may have reached what was unmapped.
    void endWrongProgram() {
        left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        assertThat(sanitizer.reports())
                .allMatch(it -> it.finding() == Finding.DEVICE_USE_AFTER_UNMAP);
        sanitizer.clear();
    }
}
