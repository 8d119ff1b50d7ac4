package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Two connected nodes, and windows of the one on the right.
abstract class MemoryWindowFixture {

    static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);
    static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;
    static final WorkCompletionStatus BIND_ERROR = WorkCompletionStatus.MW_BIND_ERR;

    final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    final TestNode left = pair.left;
    final TestNode right = pair.right;
    final long base = right.region.address();

    final MemoryWindow window(MemoryWindowType type) {
        return right.domain.allocateMemoryWindow(type);
    }

    static MemoryWindowBinding part(
            MemoryRegion region, long offset, long length, Set<AccessFlag> access) {
        return MemoryWindowBinding.of(region, region.address() + offset, length, access);
    }

    /// Binds on a queue pair; a window of either type.
    final WorkCompletionStatus bind(
            QueuePair on, MemoryWindow window, MemoryWindowBinding binding) {
        switch (window.type()) {
            case TYPE_1 -> on.bindMemoryWindow(7, window, binding, SIGNALED);
            case TYPE_2 ->
                    on.postSend(
                            new SendWorkRequest.BindMemoryWindow(
                                    7, window, window.nextRemoteKey(), binding, SIGNALED));
        }
        pair.settle();
        List<WorkCompletion> done = right.pollSends();
        assertThat(done).hasSize(1).allMatch(completion -> completion.workRequestId() == 7);
        return done.getFirst().status();
    }

    final WorkCompletionStatus bind(MemoryWindow window, MemoryWindowBinding binding) {
        return bind(right.queuePair, window, binding);
    }

    /// A window of 512 bytes in the midst of the region.
    final MemoryWindow bound(MemoryWindowType type) {
        MemoryWindow window = window(type);
        assertThat(bind(window, part(right.region, 4096, 512, REMOTE))).isEqualTo(OK);
        return window;
    }

    final WorkCompletionStatus read(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    final WorkCompletionStatus write(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaWrite(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    final WorkCompletionStatus fetchAndAdd(long address, int key) {
        return one(
                new SendWorkRequest.FetchAndAdd(
                        1, List.of(left.region.element(0, 8)), address, key, 1, SIGNALED));
    }

    final WorkCompletionStatus compareAndSwap(long address, int key) {
        return one(
                new SendWorkRequest.CompareAndSwap(
                        1, List.of(left.region.element(0, 8)), address, key, 0, 1, SIGNALED));
    }

    final WorkCompletionStatus one(SendWorkRequest request) {
        List<WorkCompletionStatus> done = pair.run(request);
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            pair.reconnect();
        }
        return done.getFirst();
    }

    final WorkCompletionStatus invalidate(int key) {
        return pair.run(right, new SendWorkRequest.LocalInvalidate(8, key, SIGNALED)).getFirst();
    }

    /// RUT-MW-001, RUT-PD-008.

    final MemorySegment leftBytes(int length) {
        return left.region.segment().asSlice(0, length);
    }

    final QueuePair queuePair(ProtectionDomain domain) {
        return domain.createQueuePair(
                new QueuePairOptions(
                        QueuePairType.RC,
                        right.sends,
                        right.receives,
                        new QueuePairCapabilities(16, 16, 1, 1, 0),
                        false));
    }

    /// A second connection between the nodes; gives the right one's end.
    final QueuePair secondConnection(QueuePair leftEnd) {
        QueuePair rightEnd = queuePair(right.domain);
        TestNode.connect(leftEnd, left.context, rightEnd, right.context, Mtu.MTU_1024);
        return rightEnd;
    }
}
