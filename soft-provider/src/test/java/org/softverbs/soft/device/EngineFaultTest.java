package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.FilterLink;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A bug of ours ends the queue pair that met it, and no other.
class EngineFaultTest {

    private static final String MADE = "made to fail";
    private static final int PATIENCE_SECONDS = 30;
    private static final GlobalIdentifier GID = new GlobalIdentifier(0, 0xffff_0a00_0003L);

    /// Throws when it is told to.
    private static final class TrapLink extends FilterLink {

        private boolean armed;
        private boolean deaf;

        TrapLink(PacketLink inner) {
            super(inner);
        }

        @Override
        public int poll(LinkReceiver receiver, long waitNanos) {
            if (deaf) {
                throw new IllegalStateException(MADE);
            }
            return inner().poll(receiver, waitNanos);
        }

        @Override
        public void send(OutboundPacket packet) {
            if (armed) {
                armed = false;
                throw new IllegalStateException(MADE);
            }
            inner().send(packet);
        }
    }

    private final ManualClock clock = new ManualClock();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, clock);
    private final Host host = Sanitized.host(clock, RandomSource.seeded(new SplittableRandom(7)));
    private final InProcessNetwork network = new InProcessNetwork(9000);
    private final TrapLink trap = new TrapLink(join(1));
    private final TestNode left = new TestNode(open(trap, 1), 8192);
    private final TestNode right = new TestNode(open(join(2), 2), 8192);

    private PacketLink join(int number) {
        return network.join(new GlobalIdentifier(0, 0xffff_0a00_0000L | number));
    }

    private SoftDevice open(PacketLink link, int number) {
        return SoftDevice.open(
                new RdmaDevice("test" + number, number, "in-process"),
                host,
                link,
                owner,
                DeviceLimits.standard());
    }

    @Test
    void shouldEndOnlyTheQueuePairThatMetTheBug() throws InterruptedException {
        TestNode.connect(left, right, Mtu.MTU_1024);
        QueuePair other = left.newQueuePair();
        TestNode.connect(other, left.context, right.newQueuePair(), right.context, Mtu.MTU_1024);
        trap.armed = true;
        left.queuePair.postSend(write(1));
        left.queuePair.postSend(write(2));
        settle();
        assertThat(left.queuePair.state()).isEqualTo(QueuePairState.ERR);
        assertThat(left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(
                        WorkCompletionStatus.WR_FLUSH_ERR, WorkCompletionStatus.WR_FLUSH_ERR);
        AsyncEvent event = left.context.awaitAsyncEvent(Duration.ZERO).orElseThrow();
        assertThat(event.type()).isEqualTo(AsyncEventType.QP_FATAL);
        assertThat(event.detail()).contains(MADE);
        assertThat(left.context.counters()).containsEntry("engine_faults", 1L);
        other.postSend(write(3));
        settle();
        assertThat(left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.SUCCESS);
    }

    /// Nobody waits for ever on a device that nobody drives.
    @Test
    void shouldFlushEverythingWhenTheThreadOfTheDeviceDies() throws InterruptedException {
        DeviceOwner loop = new DeviceOwner(ProgressMode.LOOP, Sanitized.local().clock());
        TrapLink broken = new TrapLink(new InProcessNetwork(9000).join(GID));
        SoftDevice device =
                SoftDevice.open(
                        new RdmaDevice("loop", 3, "in-process"),
                        host,
                        broken,
                        loop,
                        DeviceLimits.standard());
        TestNode node = new TestNode(device, 8192);
        node.queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        node.queuePair.postReceive(new ReceiveWorkRequest(1, List.of(node.region.element())));
        loop.run(() -> broken.deaf = true);
        AsyncEvent event =
                device.awaitAsyncEvent(Duration.ofSeconds(PATIENCE_SECONDS)).orElseThrow();
        assertThat(event.type()).isEqualTo(AsyncEventType.DEVICE_FATAL);
        loop.run(() -> {});
        assertThat(node.queuePair.state()).isEqualTo(QueuePairState.ERR);
        assertThat(node.pollReceives())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.WR_FLUSH_ERR);
        node.close();
    }

    private SendWorkRequest write(long id) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(left.region.element()),
                right.region.address(),
                right.region.remoteKey(),
                EnumSet.of(SendFlag.SIGNALED));
    }

    private void settle() {
        int idle = 0;
        while (idle < 3) {
            idle = owner.progress() == 0 ? idle + 1 : 0;
        }
    }
}
