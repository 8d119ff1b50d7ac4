package org.softverbs.soft.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// Calls of verbs whose outcome hangs on a profile: what came of them, as text.
final class VerbSides {

    static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    static final int MEMORY = 8192;
    static final long ATOMICALLY_WRITTEN = 0x0123_4567_89ab_cdefL;

    private static final int QUEUE_PAIR_REQUESTS = 256;
    private static final int MOST_REQUESTS = 16;
    private static final DeviceLimits SMALL =
            new DeviceLimits(4, MOST_REQUESTS, 4, 64, 16, 1024, 16, 16, 16, 1 << 20, 4, 16);

    private VerbSides() {}

    static InProcessPair pair(DeviceProfile profile) {
        return new InProcessPair(MEMORY, Mtu.MTU_1024, 1024, profile);
    }

    private static DeviceContext small(DeviceProfile profile) {
        return pair(DeviceProfile.standard()).open(9, SMALL, profile);
    }

    /// `done`, or how it was refused.
    static String outcome(Runnable verb) {
        try {
            verb.run();
            return "done";
        } catch (PostException refused) {
            return refused.errno() + " at " + refused.badIndex();
        } catch (VerbsException refused) {
            return refused.errno().toString();
        } catch (IllegalStateException closed) {
            return "closed";
        }
    }

    static String statuses(List<WorkCompletion> completions) {
        return completions.stream().map(WorkCompletion::status).toList().toString();
    }

    static SendWorkRequest write(TestNode from, TestNode to) {
        return write(from, to.region.address(), to.region.remoteKey());
    }

    static SendWorkRequest write(TestNode from, long address, int key) {
        return new SendWorkRequest.RdmaWrite(
                1, List.of(from.region.element(0, 64)), address, key, SIGNALED);
    }

    static String emptyElementLists(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        String receive =
                outcome(
                        () ->
                                pair.right.queuePair.postReceive(
                                        new ReceiveWorkRequest(7, List.of())));
        return receive
                + " "
                + outcome(
                        () ->
                                pair.left.queuePair.postSend(
                                        new SendWorkRequest.Send(1, List.of(), SIGNALED)))
                + " "
                + outcome(() -> pair.left.queuePair.postSend(flush(pair.right)))
                + " "
                + outcome(() -> pair.left.queuePair.postSend(atomicWrite(pair.right)));
    }

    /// A FLUSH, which has no elements.
    static SendWorkRequest flush(TestNode to) {
        return new SendWorkRequest.Flush(
                5,
                to.region.address(),
                64,
                to.region.remoteKey(),
                Set.of(PlacementType.GLOBAL),
                SelectivityLevel.RANGE,
                SIGNALED);
    }

    /// An ATOMIC WRITE, which has no elements either.
    static SendWorkRequest atomicWrite(TestNode to) {
        return new SendWorkRequest.AtomicWrite(
                6, ATOMICALLY_WRITTEN, to.region.address() + 8, to.region.remoteKey(), SIGNALED);
    }

    static String ipv6(DeviceProfile profile) {
        GlobalIdentifier own = new GlobalIdentifier(0xfd00_0000_0000_0000L, 1);
        GlobalIdentifier other = new GlobalIdentifier(0xfd00_0000_0000_0000L, 2);
        DeviceContext device =
                pair(DeviceProfile.standard()).open(own, 9, DeviceLimits.standard(), profile);
        ProtectionDomain domain = device.allocateProtectionDomain();
        return device.gidTable(1).size()
                + " "
                + outcome(() -> domain.createAddressHandle(new AddressVector(other, 0)));
    }

    static String reliableConnections(DeviceProfile profile) {
        return newQueuePair(profile, QueuePairType.RC, 1, 1);
    }

    static String datagrams(DeviceProfile profile) {
        return newQueuePair(profile, QueuePairType.UD, 1, 1);
    }

    private static String newQueuePair(
            DeviceProfile profile, QueuePairType type, int requests, int elements) {
        DeviceContext device = small(profile);
        QueuePairOptions options =
                new QueuePairOptions(
                        type,
                        device.createCompletionQueue(16),
                        device.createCompletionQueue(16),
                        new QueuePairCapabilities(requests, 1, elements, 1, 0),
                        false);
        ProtectionDomain domain = device.allocateProtectionDomain();
        return outcome(() -> domain.createQueuePair(options));
    }

    static String largeQueuePairs(DeviceProfile profile) {
        return newQueuePair(profile, QueuePairType.RC, MOST_REQUESTS + 1, 5)
                + " "
                + newQueuePair(profile, QueuePairType.RC, 2 * MOST_REQUESTS + 1, 1);
    }

    static String largeSharedQueues(DeviceProfile profile) {
        ProtectionDomain domain = small(profile).allocateProtectionDomain();
        return outcome(() -> newQueue(domain, MOST_REQUESTS + 1))
                + " "
                + outcome(() -> newQueue(domain, 2 * MOST_REQUESTS + 1));
    }

    private static SharedReceiveQueue newQueue(ProtectionDomain domain, int receives) {
        return domain.createSharedReceiveQueue(new SharedReceiveQueueOptions(receives, 1, 0));
    }

    static String reregistration(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        return outcome(() -> pair.left.region.reregister(Reregistration.nothing()));
    }

    static String completionQueues(DeviceProfile profile) {
        DeviceContext device = small(profile);
        return outcome(() -> device.createCompletionQueue(16))
                + " "
                + outcome(
                        () ->
                                device.createCompletionQueue(
                                        CompletionQueueOptions.of(16).forOneThread()));
    }

    static String windows(DeviceProfile profile) {
        ProtectionDomain domain = small(profile).allocateProtectionDomain();
        return outcome(() -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1))
                + " "
                + outcome(() -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_2));
    }

    static String zeroLengthRegion(DeviceProfile profile) {
        ProtectionDomain domain = small(profile).allocateProtectionDomain();
        MemorySegment none = TestNode.allocate(64).asSlice(0, 0);
        return outcome(() -> domain.registerMemory(none, Set.of()));
    }

    static String zeroBased(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        TestNode node = pair.right;
        MemoryWindow window = node.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        MemoryWindowBinding binding =
                MemoryWindowBinding.of(
                        node.region,
                        node.region.address(),
                        64,
                        EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.ZERO_BASED));
        return outcome(
                        () ->
                                node.domain.registerMemory(
                                        TestNode.allocate(64), Set.of(AccessFlag.ZERO_BASED)))
                + " "
                + outcome(
                        () ->
                                node.queuePair.postSend(
                                        new SendWorkRequest.BindMemoryWindow(
                                                1,
                                                window,
                                                window.nextRemoteKey(),
                                                binding,
                                                SIGNALED)));
    }

    static String sharedMemory(DeviceProfile profile) {
        ProtectionDomain domain = small(profile).allocateProtectionDomain();
        return outcome(() -> domain.registerMemory(TestNode.allocate(64), Set.of()))
                + " "
                + outcome(() -> domain.registerMemory(mapped(), Set.of()));
    }

    private static MemorySegment mapped() {
        try {
            Path file = Files.createTempFile("softverbs", ".memory");
            try (FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(MapMode.READ_WRITE, 0, 4096, Arena.ofAuto());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String limits(DeviceProfile profile) {
        DeviceContext device = small(profile);
        ProtectionDomain domain = device.allocateProtectionDomain();
        QueuePairOptions options =
                QueuePairOptions.reliableConnection(
                        device.createCompletionQueue(16), new QueuePairCapabilities(1, 1, 1, 1, 0));
        DeviceAttributes told = device.queryDevice();
        return "%d and %d are told, %d and %d made"
                .formatted(
                        told.maxQueuePairs(),
                        told.maxMemoryWindows(),
                        most(any -> domain.createQueuePair(options)),
                        most(any -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1)));
    }

    /// How often a verb is not refused.
    private static int most(IntConsumer verb) {
        int made = 0;
        while (made < MOST_REQUESTS) {
            int number = made;
            if (!outcome(() -> verb.accept(number)).equals("done")) {
                return made;
            }
            made++;
        }
        return made;
    }

    static String addressHandles(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        TestNode node = pair.left;
        ProtectionDomain domain = node.context.allocateProtectionDomain();
        AddressVector way = new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0);
        AddressHandle there = domain.createAddressHandle(way);
        String closing = outcome(domain::close);
        there.close();
        QueuePair sender = ready(node);
        AddressHandle closed = node.domain.createAddressHandle(way);
        closed.close();
        return closing + " " + outcome(() -> sender.postSend(datagram(node, closed, 5)));
    }

    /// A queue pair for datagrams in RTS.
    static QueuePair ready(TestNode node) {
        QueuePair queuePair = node.newQueuePair(QueuePairType.UD);
        queuePair.modify(QueuePairAttributes.toInitDatagram(1));
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
        queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        return queuePair;
    }

    static SendWorkRequest datagram(TestNode from, AddressHandle way, int queuePair) {
        return new SendWorkRequest.SendDatagram(
                1,
                List.of(from.region.element(0, 64)),
                new DatagramDestination(way, queuePair, 1),
                SIGNALED);
    }

    static String armingWithoutChannel(DeviceProfile profile) {
        DeviceContext device = small(profile);
        return outcome(() -> device.createCompletionQueue(16).requestNotification(false));
    }

    static String sendOverflow(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        QueuePair sender = pair.left.queuePair;
        // Nothing of this is acknowledged before the nodes go on.
        for (int i = 0; i < QUEUE_PAIR_REQUESTS; i++) {
            sender.postSend(write(pair.left, pair.right));
        }
        String one = outcome(() -> sender.postSend(write(pair.left, pair.right)));
        String list = outcome(() -> sender.postSendAll(List.of(write(pair.left, pair.right))));
        pair.settle();
        return one + " " + list.replace(" at 0", "") + " " + pair.left.pollSends().size();
    }

    static String sharedReceiveOverflow(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        SharedReceiveQueue queue = newQueue(pair.left.domain, 1);
        ReceiveWorkRequest receive = new ReceiveWorkRequest(1, pair.left.region.element(0, 64));
        return outcome(() -> queue.postReceive(receive))
                + " "
                + outcome(() -> queue.postReceive(receive));
    }

    static String earlySends(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        QueuePair sender = pair.left.newQueuePair();
        QueuePair receiver = pair.right.newQueuePair();
        String one = outcome(() -> sender.postSend(write(pair.left, pair.right)));
        String list = outcome(() -> sender.postSendAll(List.of(write(pair.left, pair.right))));
        pair.settle();
        connect(pair, sender, receiver);
        return one + " " + list.replace(" at 0", "") + " " + statuses(pair.left.pollSends());
    }

    private static void connect(InProcessPair pair, QueuePair sender, QueuePair receiver) {
        TestNode.connect(sender, pair.left.context, receiver, pair.right.context, Mtu.MTU_1024);
        pair.settle();
    }

    static String earlyReceive(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        QueuePair sender = pair.left.newQueuePair();
        QueuePair receiver = pair.right.newQueuePair();
        MemoryRegion region = pair.right.region;
        String post =
                outcome(
                        () ->
                                receiver.postReceive(
                                        new ReceiveWorkRequest(1, region.element(0, 64))));
        connect(pair, sender, receiver);
        sender.postSend(
                new SendWorkRequest.Send(1, List.of(pair.left.region.element(0, 64)), SIGNALED));
        pair.settle();
        return post + " " + statuses(pair.right.pollReceives());
    }

    static String sendInError(DeviceProfile profile) {
        InProcessPair pair = pair(profile);
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        pair.left.queuePair.postSend(write(pair.left, pair.right));
        pair.settle();
        return statuses(pair.left.pollSends());
    }
}
