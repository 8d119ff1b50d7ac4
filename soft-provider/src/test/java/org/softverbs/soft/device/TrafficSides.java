package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.VerbSides.MEMORY;
import static org.softverbs.soft.device.VerbSides.SIGNALED;
import static org.softverbs.soft.device.VerbSides.datagram;
import static org.softverbs.soft.device.VerbSides.pair;
import static org.softverbs.soft.device.VerbSides.ready;
import static org.softverbs.soft.device.VerbSides.statuses;
import static org.softverbs.soft.device.VerbSides.write;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;

/// Traffic whose outcome hangs on a profile: what came of it, as text.
final class TrafficSides {

    private static final int NO_KEY = 0x1234_5678;
    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);

    private TrafficSides() {}

    private static SendWorkRequest add(Sge element, long address, int key) {
        return new SendWorkRequest.FetchAndAdd(1, List.of(element), address, key, 5, SIGNALED);
    }

    private static String run(InProcessPair pair, SendWorkRequest request) {
        return pair.run(request).toString();
    }

    private static long at(MemoryRegion region, long offset) {
        return region.segment().get(ValueLayout.JAVA_LONG, offset);
    }

    static String shortAtomic(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        pair.left.region.segment().fill((byte) 0x77);
        String done =
                run(
                        pair,
                        add(
                                pair.left.region.element(0, 4),
                                pair.right.region.address(),
                                pair.right.region.remoteKey()));
        // No byte behind the element is touched, whatever there was to place.
        assertThat(at(pair.left.region, 0) >>> Integer.SIZE).isEqualTo(0x7777_7777L);
        return done;
    }

    static String atomicWithABadLocalKey(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryRegion target = pair.right.region;
        Sge bad = new Sge(pair.left.region.address(), 8, NO_KEY);
        return run(pair, add(bad, target.address(), target.remoteKey()))
                + ", the peer has "
                + at(target, 0);
    }

    private static SendWorkRequest read(List<Sge> elements, long address, int key) {
        return new SendWorkRequest.RdmaRead(1, elements, address, key, SIGNALED);
    }

    static String emptyRead(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryRegion target = pair.right.region;
        return run(pair, read(List.of(), target.address(), target.remoteKey()));
    }

    static String emptyAccess(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryRegion target = pair.right.region;
        String read = run(pair, read(List.of(), target.address(), NO_KEY));
        pair.reconnect();
        String write =
                run(
                        pair,
                        new SendWorkRequest.RdmaWrite(
                                1, List.of(), target.address(), NO_KEY, SIGNALED));
        pair.reconnect();
        return read
                + " "
                + write
                + " "
                + run(pair, read(List.of(), target.address(), target.remoteKey()));
    }

    static String failingBind(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        TestNode node = pair.left;
        MemoryRegion notBindable =
                node.domain.registerMemory(TestNode.allocate(64), Set.of(AccessFlag.LOCAL_WRITE));
        MemoryWindow window = node.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        String done =
                run(
                        pair,
                        new SendWorkRequest.BindMemoryWindow(
                                1,
                                window,
                                window.nextRemoteKey(),
                                MemoryWindowBinding.of(notBindable, REMOTE),
                                Set.of()));
        return done + " " + node.state();
    }

    static String refusals(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        String refused =
                run(
                        pair,
                        new SendWorkRequest.RdmaWrite(
                                1,
                                List.of(pair.left.region.element(0, 64)),
                                pair.right.region.address(),
                                NO_KEY,
                                SIGNALED));
        return refused + " " + notReady(pair);
    }

    /// A SEND without a receive, that is not tried again.
    private static String notReady(InProcessPair pair) {
        QueuePair sender = pair.left.queuePair;
        sender.modify(QueuePairAttributes.to(QueuePairState.RESET));
        sender.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        QueuePair receiver = pair.right.newQueuePair();
        receiver.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        sender.modify(toReceive(pair.right, receiver));
        receiver.modify(toReceive(pair.left, sender));
        sender.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(1)
                        .timeout(14)
                        .retryCount(7)
                        .rnrRetry(0)
                        .maxReadAtomic(1)
                        .build());
        return run(
                pair,
                new SendWorkRequest.Send(1, List.of(pair.left.region.element(0, 64)), SIGNALED));
    }

    private static QueuePairAttributes toReceive(TestNode node, QueuePair peer) {
        return QueuePairAttributes.toReadyToReceive(
                new AddressVector(node.context.gidTable(1).getFirst().gid(), 0),
                peer.number(),
                1,
                Mtu.MTU_1024);
    }

    static String foreignDomain(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryRegion foreign =
                pair.right
                        .context
                        .allocateProtectionDomain()
                        .registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        return run(pair, write(pair.left, foreign.address(), foreign.remoteKey()));
    }

    private static MemoryWindow bound(InProcessPair pair, long length) {
        TestNode node = pair.right;
        MemoryWindow window = node.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        node.queuePair.bindMemoryWindow(
                1,
                window,
                MemoryWindowBinding.of(node.region, node.region.address(), length, REMOTE),
                SIGNALED);
        pair.settle();
        return window;
    }

    static String windowBeyondItsRegion(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryWindow window = bound(pair, 2 * MEMORY);
        List<WorkCompletion> bind = pair.right.pollSends();
        if (!bind.getFirst().isSuccess()) {
            return statuses(bind);
        }
        long base = pair.right.region.address();
        String inside = run(pair, write(pair.left, base + MEMORY - 64, window.remoteKey()));
        String beyond = run(pair, write(pair.left, base + MEMORY - 63, window.remoteKey()));
        return statuses(bind) + ", inside " + inside + ", beyond " + beyond;
    }

    static String atomicByWindow(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        MemoryWindow window = bound(pair, 64);
        return run(
                pair,
                add(
                        pair.left.region.element(0, 8),
                        pair.right.region.address(),
                        window.remoteKey()));
    }

    static String failedInvalidation(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(7, pair.right.region.element(0, 64)));
        pair.left.queuePair.postSend(
                new SendWorkRequest.SendWithInvalidate(
                        1,
                        List.of(pair.left.region.element(0, 64)),
                        pair.right.region.remoteKey(),
                        SIGNALED));
        pair.settle();
        for (int i = 0; i < 20; i++) {
            pair.advance(Duration.ofMillis(300));
        }
        return "%s, %s %s"
                .formatted(
                        statuses(pair.left.pollSends()),
                        statuses(pair.right.pollReceives()),
                        pair.right.state());
    }

    /// Data, then a flag, into memory with relaxed ordering: what is there when both are done, and
    /// a little later.
    static String relaxedWrites(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        Set<AccessFlag> access = EnumSet.copyOf(TestNode.ALL_ACCESS);
        access.add(AccessFlag.RELAXED_ORDERING);
        MemoryRegion target = pair.right.domain.registerMemory(TestNode.allocate(64), access);
        pair.left.region.segment().set(ValueLayout.JAVA_LONG, 0, 1);
        for (long offset : List.of(0L, 32L)) {
            pair.left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            1,
                            List.of(pair.left.region.element(0, 8)),
                            target.address() + offset,
                            target.remoteKey(),
                            SIGNALED));
        }
        pair.settle();
        assertThat(pair.left.pollSends()).hasSize(2).allMatch(WorkCompletion::isSuccess);
        String first = "data %d, flag %d,".formatted(at(target, 0), at(target, 32));
        pair.advance(Duration.ofMillis(1));
        return first + " then data " + at(target, 0);
    }

    static String fullCompletionQueue(DeviceProfile profile) {
        InProcessPair pair = new InProcessPair(MEMORY, Mtu.MTU_1024, 2, profile);
        for (long id = 1; id <= 4; id++) {
            pair.left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            id,
                            List.of(pair.left.region.element(0, 64)),
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            SIGNALED));
        }
        pair.settle();
        return pair.left.state()
                + " "
                + pair.left.pollSends().stream().map(WorkCompletion::workRequestId).toList();
    }

    /// A datagram for a queue pair in INIT, and a message of a connection.
    static String earlyMessages(DeviceProfile profile) {
        return earlyDatagram(profile) + " " + earlyMessage(profile);
    }

    /// It is not sent again: its peer has no timer for it.
    private static String earlyMessage(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        QueuePair sender = pair.left.newQueuePair(QueuePairType.UC);
        QueuePair receiver = pair.right.newQueuePair(QueuePairType.UC);
        receiver.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        receiver.postReceive(new ReceiveWorkRequest(1, pair.right.region.element(0, 4096)));
        sender.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        sender.modify(toReceiveUnreliable(pair.right, receiver));
        sender.modify(QueuePairAttributes.toReadyToSendUnreliable(1));
        sender.postSend(
                new SendWorkRequest.Send(1, List.of(pair.left.region.element(0, 3000)), SIGNALED));
        pair.settle();
        receiver.modify(toReceiveUnreliable(pair.left, sender));
        pair.settle();
        return statuses(pair.right.pollReceives());
    }

    private static QueuePairAttributes toReceiveUnreliable(TestNode node, QueuePair peer) {
        return QueuePairAttributes.toReadyToReceiveUnreliable(
                new AddressVector(node.context.gidTable(1).getFirst().gid(), 0),
                peer.number(),
                1,
                Mtu.MTU_1024);
    }

    private static String earlyDatagram(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        QueuePair sender = ready(pair.left);
        QueuePair receiver = pair.right.newQueuePair(QueuePairType.UD);
        receiver.modify(QueuePairAttributes.toInitDatagram(1));
        receiver.postReceive(new ReceiveWorkRequest(1, pair.right.region.element(0, 256)));
        AddressHandle there =
                pair.left.domain.createAddressHandle(
                        new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0));
        sender.postSend(datagram(pair.left, there, receiver.number()));
        pair.settle();
        receiver.modify(QueuePairAttributes.to(QueuePairState.RTR));
        pair.settle();
        return statuses(pair.right.pollReceives());
    }
}
