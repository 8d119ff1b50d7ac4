package org.softverbs.soft.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;

/// One end of a connection in a test: a device with a protection domain, a completion queue for
/// each direction, a region and a queue pair.
public final class TestNode implements AutoCloseable {

    static final Set<AccessFlag> ALL_ACCESS =
            EnumSet.complementOf(
                    EnumSet.of(
                            AccessFlag.ZERO_BASED,
                            AccessFlag.ON_DEMAND,
                            AccessFlag.FLUSH_PERSISTENT,
                            AccessFlag.RELAXED_ORDERING));

    public final DeviceContext context;
    public final ProtectionDomain domain;
    public final CompletionQueue sends;
    public final CompletionQueue receives;
    public final MemoryRegion region;
    public final QueuePair queuePair;

    public TestNode(DeviceContext context, long memory) {
        this(context, memory, 1024);
    }

    public TestNode(DeviceContext context, long memory, int entries) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        sends = context.createCompletionQueue(entries);
        receives = context.createCompletionQueue(entries);
        region = domain.registerMemory(allocate(memory), ALL_ACCESS);
        queuePair = newQueuePair();
    }

    public static MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    /// The domain of a node of kernel code.
    public PrivilegedDomain privileged() {
        return (PrivilegedDomain) domain;
    }

    public QueuePair newQueuePair() {
        return newQueuePair(QueuePairType.RC);
    }

    public QueuePair newQueuePair(QueuePairType type) {
        return domain.createQueuePair(
                new QueuePairOptions(
                        type,
                        sends,
                        receives,
                        new QueuePairCapabilities(256, 256, 8, 8, 256),
                        false));
    }

    /// Fills the region with bytes that depend on their position and a seed.
    public void fill(int seed) {
        MemorySegment segment = region.segment();
        for (long i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, pattern(seed, i));
        }
    }

    static byte pattern(int seed, long position) {
        return (byte) (seed * 31L + position * 7 + (position >>> 8));
    }

    /// Connects two fresh queue pairs with defaults for all but the MTU.
    public static void connect(TestNode left, TestNode right, Mtu mtu) {
        connect(left.queuePair, left.context, right.queuePair, right.context, mtu);
    }

    public static void connect(
            QueuePair left,
            DeviceContext leftContext,
            QueuePair right,
            DeviceContext rightContext,
            Mtu mtu) {
        int leftPsn = 0xff_fff0;
        int rightPsn = 0x12_3456;
        for (QueuePair queuePair : List.of(left, right)) {
            queuePair.modify(QueuePairAttributes.toInit(ALL_ACCESS));
        }
        left.modify(readyToReceive(rightContext, right.number(), rightPsn, mtu));
        right.modify(readyToReceive(leftContext, left.number(), leftPsn, mtu));
        left.modify(QueuePairAttributes.toReadyToSend(leftPsn));
        right.modify(QueuePairAttributes.toReadyToSend(rightPsn));
    }

    /// Connects two fresh queue pairs of type UC.
    static void connectUnreliable(
            TestNode leftNode, QueuePair left, TestNode rightNode, QueuePair right, Mtu mtu) {
        for (QueuePair queuePair : List.of(left, right)) {
            queuePair.modify(QueuePairAttributes.toInit(ALL_ACCESS));
        }
        left.modify(readyUnreliable(rightNode, right, mtu));
        right.modify(readyUnreliable(leftNode, left, mtu));
        left.modify(QueuePairAttributes.toReadyToSendUnreliable(0xff_ffff));
        right.modify(QueuePairAttributes.toReadyToSendUnreliable(0xff_ffff));
    }

    private static QueuePairAttributes readyUnreliable(TestNode node, QueuePair peer, Mtu mtu) {
        return QueuePairAttributes.toReadyToReceiveUnreliable(
                new AddressVector(node.context.gidTable(1).getFirst().gid(), 0),
                peer.number(),
                0xff_ffff,
                mtu);
    }

    private static QueuePairAttributes readyToReceive(
            DeviceContext peer, int number, int psn, Mtu mtu) {
        return QueuePairAttributes.toReadyToReceive(
                new AddressVector(peer.gidTable(1).getFirst().gid(), 0), number, psn, mtu);
    }

    public List<WorkCompletion> pollSends() {
        return sends.poll(1024);
    }

    public List<WorkCompletion> pollReceives() {
        return receives.poll(1024);
    }

    @Override
    public void close() {
        queuePair.close();
        region.close();
        sends.close();
        receives.close();
        domain.close();
        context.close();
    }

    public QueuePairState state() {
        return queuePair.state();
    }
}
