package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendCursor;

/// From post to completion over the in-process link nothing is allocated.
class AllocationTest {

    private static final int WARM_UP = 3000;
    private static final int OPERATIONS = 2000;
    private static final int LENGTH = 5000;

    /// What is posted again and again.
    enum Kind {
        SEND,
        INLINE_SEND,
        SEND_WITH_IMMEDIATE,
        WRITE,
        WRITE_WITH_IMMEDIATE,
        READ,
        FETCH_AND_ADD,
        COMPARE_AND_SWAP,
        LOCAL_DMA_KEY,
        BIND_THEN_INVALIDATE,
        REGISTER_THEN_INVALIDATE,
        WRITE_THROUGH_WINDOW,
        WRITE_INTO_FAST_REGION,
        WRITE_INTO_PHYSICAL_REGION,
        FLUSH,
        ATOMIC_WRITE
    }

    private final InProcessPair pair =
            new InProcessPair(1 << 16, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
    private final SendCursor sends = pair.left.queuePair.sendCursor();
    private final ReceiveCursor receives = pair.right.queuePair.receiveCursor();
    private final CompletionCursor sent = pair.left.sends.cursor();
    private final CompletionCursor received = pair.right.receives.cursor();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long localAddress = pair.left.region.address();
    private final int localKey = pair.left.region.localKey();
    private final long remoteAddress = pair.right.region.address();
    private final int remoteKey = pair.right.region.remoteKey();

    private final Set<AccessFlag> access =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE);
    private final Set<PlacementType> types = EnumSet.of(PlacementType.GLOBAL);
    private final PhysicalAllocation memory =
            pair.host.physicalMemory().allocate(PhysicalMemoryRequest.scattered(1 << 14));
    private final MemoryWindow window =
            pair.left.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
    private final FastRegion fast = fastRegion(pair.left);
    private final MemoryWindow remoteWindow =
            pair.right.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
    private final FastRegion remoteFast = fastRegion(pair.right);
    private final MemoryRegion remotePhysical =
            pair.right.privileged().registerPhysical(memory, 0, TestNode.ALL_ACCESS);

    private FastRegion fastRegion(TestNode node) {
        FastRegion region = node.privileged().allocateFastRegion(16);
        DmaMapping mapping =
                node.privileged().context().dma().map(memory, DmaDirection.BIDIRECTIONAL);
        region.mapSegments(mapping.segments(), 0, 4096);
        return region;
    }

    @BeforeEach
    void openOnTheRight() {
        SendCursor rights = pair.right.queuePair.sendCursor();
        rights.registerMemory(1, remoteFast, remoteFast.localKey(), access).post();
        rights.bindMemoryWindow(
                        2,
                        remoteWindow,
                        remoteWindow.nextRemoteKey(),
                        pair.right.region,
                        remoteAddress,
                        LENGTH,
                        access)
                .post();
        pair.settle();
    }

    @ParameterizedTest
    @EnumSource
    void shouldAllocateNothingFromPostToCompletion(Kind kind) {
        assumeFalse(Sanitized.isOn(), "the sanitizer takes notes");
        run(kind, WARM_UP);
        long least = Long.MAX_VALUE;
        // A compilation may allocate a little on its own account: one clean round is proof.
        for (int round = 0; round < 30 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(kind, OPERATIONS);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for %s operations", OPERATIONS).isZero();
    }

    private void run(Kind kind, int operations) {
        for (int i = 0; i < operations; i++) {
            if (post(kind, i)) {
                receives.receive(i).element(remoteAddress, LENGTH, remoteKey).post();
            }
            sends.signaled().post();
            int idle = 0;
            while (!sent.next()) {
                idle = pair.owner.progress() == 0 ? idle + 1 : 0;
                if (idle > 1000) {
                    throw new IllegalStateException("no completion");
                }
            }
            while (received.next()) {
                check(received.status().number());
            }
            check(sent.status().number());
        }
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException("status " + status);
        }
    }

    /// Begins an operation; true when it takes a receive.
    private boolean post(Kind kind, long id) {
        switch (kind) {
            case SEND -> sends.send(id).element(localAddress, LENGTH, localKey);
            case INLINE_SEND -> sends.send(id).inlineData(pair.left.region.segment(), 0, 64);
            case SEND_WITH_IMMEDIATE ->
                    sends.sendWithImmediate(id, 1).element(localAddress, LENGTH, localKey);
            case WRITE ->
                    sends.rdmaWrite(id, remoteAddress, remoteKey)
                            .element(localAddress, LENGTH, localKey);
            case WRITE_WITH_IMMEDIATE ->
                    sends.rdmaWriteWithImmediate(id, remoteAddress, remoteKey, 1)
                            .element(localAddress, LENGTH, localKey);
            case READ ->
                    sends.rdmaRead(id, remoteAddress, remoteKey)
                            .element(localAddress, LENGTH, localKey);
            case FETCH_AND_ADD ->
                    sends.fetchAndAdd(id, remoteAddress, remoteKey, 1)
                            .element(localAddress, 8, localKey);
            case COMPARE_AND_SWAP ->
                    sends.compareAndSwap(id, remoteAddress, remoteKey, id, id + 1)
                            .element(localAddress, 8, localKey);
            case FLUSH ->
                    sends.flush(
                            id, remoteAddress, LENGTH, remoteKey, types, SelectivityLevel.RANGE);
            case ATOMIC_WRITE -> sends.atomicWrite(id, remoteAddress, remoteKey, id);
            case LOCAL_DMA_KEY ->
                    sends.rdmaWrite(id, remoteAddress, remoteKey)
                            .element(memory.address(0), 4096, 0);
            case BIND_THEN_INVALIDATE -> {
                int key = window.nextRemoteKey();
                sends.bindMemoryWindow(
                                id, window, key, pair.left.region, localAddress, LENGTH, access)
                        .post();
                sends.localInvalidate(id, key);
            }
            case REGISTER_THEN_INVALIDATE -> {
                int key = fast.incrementKey();
                sends.registerMemory(id, fast, key, access).post();
                sends.localInvalidate(id, key);
            }
            case WRITE_THROUGH_WINDOW ->
                    sends.rdmaWrite(id, remoteAddress, remoteWindow.remoteKey())
                            .element(localAddress, LENGTH, localKey);
            case WRITE_INTO_FAST_REGION ->
                    sends.rdmaWrite(id, remoteFast.address(), remoteFast.remoteKey())
                            .element(localAddress, LENGTH, localKey);
            case WRITE_INTO_PHYSICAL_REGION ->
                    sends.rdmaWrite(id, 100, remotePhysical.remoteKey())
                            .element(localAddress, LENGTH, localKey);
        }
        return switch (kind) {
            case SEND, INLINE_SEND, SEND_WITH_IMMEDIATE, WRITE_WITH_IMMEDIATE -> true;
            case WRITE,
                    READ,
                    FETCH_AND_ADD,
                    FLUSH,
                    ATOMIC_WRITE,
                    COMPARE_AND_SWAP,
                    LOCAL_DMA_KEY,
                    BIND_THEN_INVALIDATE,
                    REGISTER_THEN_INVALIDATE,
                    WRITE_THROUGH_WINDOW,
                    WRITE_INTO_FAST_REGION,
                    WRITE_INTO_PHYSICAL_REGION ->
                    false;
        };
    }
}
