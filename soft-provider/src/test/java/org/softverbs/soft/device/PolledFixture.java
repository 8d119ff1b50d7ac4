package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.poll.CompletionWorkers;
import org.softverbs.poll.PollContext;
import org.softverbs.poll.PolledQueue;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.host.SystemClock;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// Two nodes whose devices run by themselves, and who polls the queues of the left one.
abstract class PolledFixture {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int ENTRIES = 1024;

    private final DeviceOwner owner = new DeviceOwner(ProgressMode.LOOP, new SystemClock());
    private final Host host =
            Sanitized.host(new SystemClock(), RandomSource.seeded(new SplittableRandom(7)));
    private final InProcessNetwork network = new InProcessNetwork(9000);
    final TestNode left = new TestNode(open(1), 4096);
    final TestNode right = new TestNode(open(2), 4096);
    final CompletionWorkers workers = new CompletionWorkers(left.context);
    private final Deque<AutoCloseable> made = new ConcurrentLinkedDeque<>();

    private SoftDevice open(int number) {
        return open(number, DeviceProfile.standard());
    }

    /// Opens a device beside the two.
    SoftDevice open(int number, DeviceProfile profile) {
        GlobalIdentifier gid = new GlobalIdentifier(0, 0xffff_0a00_0000L | number);
        return SoftDevice.open(
                new RdmaDevice("test" + number, number, "in-process"),
                host,
                owner.call(() -> network.join(gid)),
                owner,
                DeviceLimits.standard(),
                profile,
                DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
    }

    <T extends AutoCloseable> T keep(T thing) {
        made.addFirst(thing);
        return thing;
    }

    @AfterEach
    void shouldCloseWithoutAnyLeftOver() throws Exception {
        for (AutoCloseable thing : made) {
            thing.close();
        }
        workers.close();
        left.close();
        right.close();
    }

    PolledQueue queue(PollContext context, int vector) {
        return keep(
                workers.allocate(context, CompletionQueueOptions.of(ENTRIES).withVector(vector)));
    }

    QueuePair connected(PolledQueue queue) {
        QueuePair own =
                keep(
                        left.domain.createQueuePair(
                                new QueuePairOptions(
                                        QueuePairType.RC,
                                        queue.completionQueue(),
                                        queue.completionQueue(),
                                        new QueuePairCapabilities(256, 256, 1, 1, 0),
                                        false)));
        QueuePair peer = keep(right.newQueuePair());
        TestNode.connect(own, left.context, peer, right.context, Mtu.MTU_1024);
        return own;
    }

    SendWorkRequest write(long id) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(left.region.element(0, 8)),
                right.region.address(),
                right.region.remoteKey(),
                Set.of(SendFlag.SIGNALED));
    }

    static <T> T next(PolledQueue queue, BlockingQueue<T> seen) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        T value = seen.poll();
        while (value == null && System.nanoTime() < end) {
            if (queue.context() == PollContext.DIRECT) {
                queue.process(16);
                value = seen.poll();
            } else {
                value = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
        assertThat(value).isNotNull();
        return value;
    }
}
