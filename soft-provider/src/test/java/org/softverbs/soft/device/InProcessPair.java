package org.softverbs.soft.device;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Two connected nodes on a network inside the JVM, driven by hand, on a clock that a test moves.
final class InProcessPair {

    private static final int MOST_ROUNDS = 1_000_000;

    final ManualClock clock = new ManualClock();
    final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, clock);
    final Host host = Sanitized.host(clock, RandomSource.seeded(new SplittableRandom(7)));
    final InProcessNetwork network = new InProcessNetwork(9000);
    final TestNode left;
    final TestNode right;

    InProcessPair(long memory, Mtu mtu) {
        this(memory, mtu, 1024);
    }

    /// @param entries of each completion queue
    InProcessPair(long memory, Mtu mtu, int entries) {
        left = new TestNode(open(1), memory, entries);
        right = new TestNode(open(2), memory, entries);
        TestNode.connect(left, right, mtu);
    }

    /// Two nodes whose devices deviate.
    InProcessPair(long memory, Mtu mtu, int entries, DeviceProfile profile) {
        left = new TestNode(open(1, DeviceLimits.standard(), profile), memory, entries);
        right = new TestNode(open(2, DeviceLimits.standard(), profile), memory, entries);
        TestNode.connect(left, right, mtu);
    }

    /// Two nodes of kernel code.
    InProcessPair(long memory, Mtu mtu, DmaAddressing addressing) {
        this(memory, mtu, DmaSettings.of(addressing));
    }

    /// Two nodes of kernel code.
    InProcessPair(long memory, Mtu mtu, DmaSettings dma) {
        left = new TestNode(openPrivileged(1, dma), memory);
        right = new TestNode(openPrivileged(2, dma), memory);
        TestNode.connect(left, right, mtu);
    }

    SoftPrivilegedDevice openPrivileged(int number, DmaSettings dma) {
        return SoftPrivilegedDevice.openPrivileged(
                new RdmaDevice("kernel" + number, number, "in-process"),
                host,
                network.join(new GlobalIdentifier(0, 0xffff_0a00_0000L | number)),
                owner,
                DeviceLimits.standard(),
                DmaAttachment.of(dma, host));
    }

    SoftDevice open(int number) {
        return open(number, DeviceLimits.standard(), DeviceProfile.standard());
    }

    SoftDevice open(int number, DeviceLimits limits, DeviceProfile profile) {
        return open(new GlobalIdentifier(0, 0xffff_0a00_0000L | number), number, limits, profile);
    }

    SoftDevice open(
            GlobalIdentifier address, int number, DeviceLimits limits, DeviceProfile profile) {
        return SoftDevice.open(
                new RdmaDevice("test" + number, number, "in-process"),
                host,
                network.join(address),
                owner,
                limits,
                profile,
                DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
    }

    /// Posts a request on the left, lets both go on, and gives the statuses of its completions.
    List<WorkCompletionStatus> run(SendWorkRequest request) {
        return run(left, request);
    }

    List<WorkCompletionStatus> run(TestNode node, SendWorkRequest request) {
        node.queuePair.postSend(request);
        settle();
        return node.pollSends().stream().map(WorkCompletion::status).toList();
    }

    /// Both queue pairs as new, connected again.
    void reconnect() {
        for (TestNode node : List.of(left, right)) {
            node.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
            node.pollSends();
            node.pollReceives();
        }
        TestNode.connect(left, right, Mtu.MTU_1024);
    }

    /// Lets both nodes go on until nothing is under way.
    void settle() {
        int idle = 0;
        for (int round = 0; idle < 3; round++) {
            if (round == MOST_ROUNDS) {
                throw new IllegalStateException("the nodes do not come to rest");
            }
            idle = owner.progress() == 0 ? idle + 1 : 0;
        }
    }

    void advance(Duration duration) {
        clock.advance(duration);
        settle();
    }
}
