package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Provokes;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.Peer;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.Wait;

/// What a queue pair says that it waits for, and what the watchdog makes of it.
@Provokes(stuck = true, because = "they are to be told of")
class WaitsForTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final int RNR_RETRIES = 3;
    private static final int LEFT_PSN = 0xff_fff0;

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);

    private SendWorkRequest send(long id, Set<SendFlag> flags) {
        return new SendWorkRequest.Send(id, List.of(pair.left.region.element(0, 10)), flags);
    }

    private SendWorkRequest read(long id, Set<SendFlag> flags) {
        return new SendWorkRequest.RdmaRead(
                id,
                List.of(pair.left.region.element(0, 10)),
                pair.right.region.address(),
                pair.right.region.remoteKey(),
                flags);
    }

    private List<Wait> left() {
        return pair.left.queuePair.waitsFor();
    }

    private void postReceive() {
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(1, List.of(pair.right.region.element())));
    }

    @Test
    void shouldWaitForNothingWhenAllIsDone() {
        postReceive();
        pair.run(send(1, SIGNALED));
        assertThat(left()).isEmpty();
        assertThat(pair.right.queuePair.waitsFor()).isEmpty();
    }

    @Test
    void shouldWaitForAnAcknowledgementUntilItGivesUp() {
        pair.right.queuePair.close();
        pair.left.queuePair.postSend(send(1, SIGNALED));
        pair.settle();
        assertThat(left())
                .singleElement()
                .isInstanceOfSatisfying(
                        Wait.Acknowledgement.class,
                        it -> {
                            assertThat(it.psn()).isEqualTo(LEFT_PSN);
                            assertThat(it.retries()).isZero();
                            assertThat(it.allowed()).isEqualTo(7);
                            assertThat(it.everAnswered()).isFalse();
                        });
        pair.advance(Duration.ofMillis(100));
        assertThat(left())
                .singleElement()
                .isInstanceOfSatisfying(
                        Wait.Acknowledgement.class,
                        it -> {
                            assertThat(it.retries()).isEqualTo(1);
                            assertThat(it.forNanos()).isEqualTo(Duration.ofMillis(100).toNanos());
                        });
        for (int i = 0; i < 8; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
        assertThat(pair.left.state()).isEqualTo(QueuePairState.ERR);
        assertThat(left()).isEmpty();
    }

    @Test
    void shouldWaitForAReceiveOnBothSides() {
        pair.left.queuePair.postSend(send(1, SIGNALED));
        pair.settle();
        assertThat(left())
                .singleElement()
                .isInstanceOfSatisfying(
                        Wait.ReceiverNotReady.class,
                        it -> {
                            assertThat(it.psn()).isEqualTo(LEFT_PSN);
                            assertThat(it.moreNanos()).isEqualTo(640_000);
                            assertThat(it.allowed()).isEqualTo(7);
                        });
        assertThat(pair.right.queuePair.waitsFor())
                .singleElement()
                .isInstanceOfSatisfying(
                        Wait.Receive.class, it -> assertThat(it.psn()).isEqualTo(LEFT_PSN));
        postReceive();
        assertThat(pair.right.queuePair.waitsFor()).isEmpty();
    }

    /// With a number of tries that has an end they are counted.
    @Test
    void shouldCountTheTriesAtAPeerWithoutReceives() {
        QueuePair queuePair = pair.left.newQueuePair();
        QueuePair peer = pair.right.newQueuePair();
        connect(queuePair, peer, pair.right.context);
        connect(peer, queuePair, pair.left.context);
        queuePair.postSend(send(1, SIGNALED));
        for (int retries = 0; retries < RNR_RETRIES; retries++) {
            pair.settle();
            assertThat(queuePair.waitsFor())
                    .containsExactly(
                            new Wait.ReceiverNotReady(
                                    new Peer(
                                            pair.right.context.gidTable(1).getFirst().gid(),
                                            peer.number()),
                                    LEFT_PSN,
                                    640_000,
                                    retries,
                                    RNR_RETRIES));
            pair.advance(Duration.ofNanos(640_000));
        }
        assertThat(pair.left.pollSends().getFirst().explain().root())
                .isInstanceOfSatisfying(
                        Cause.ReceiverNotReady.class,
                        it -> assertThat(it.retries()).isEqualTo(RNR_RETRIES));
    }

    private static void connect(QueuePair queuePair, QueuePair peer, DeviceContext peerContext) {
        queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(peerContext.gidTable(1).getFirst().gid(), 0),
                        peer.number(),
                        LEFT_PSN,
                        Mtu.MTU_1024));
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(LEFT_PSN)
                        .timeout(14)
                        .retryCount(7)
                        .rnrRetry(RNR_RETRIES)
                        .maxReadAtomic(1)
                        .build());
    }

    @Test
    void shouldWaitForTheReadBeforeAFence() {
        pair.right.queuePair.close();
        pair.left.queuePair.postSend(read(1, SIGNALED));
        pair.left.queuePair.postSend(send(2, EnumSet.of(SendFlag.FENCE)));
        pair.settle();
        assertThat(left()).contains(new Wait.EarlierRequests(2)).hasSize(2);
    }

    @Test
    void shouldWaitForItsProgramInDrain() {
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.SQD));
        pair.left.queuePair.postSend(send(1, SIGNALED));
        pair.settle();
        assertThat(left()).containsExactly(new Wait.StateChange(QueuePairState.SQD, 1));
    }

    private long stuck() {
        return pair.left.context.counters().getOrDefault("stuck_queue_pairs", -1L);
    }

    private void advanceBySeconds(int seconds) {
        for (int i = 0; i < seconds; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void shouldTellOnceOfAQueuePairWithoutProgress() {
        ((SoftDevice) pair.left.context).watch(LIMIT);
        pair.left.queuePair.postSend(send(1, SIGNALED));
        advanceBySeconds(7);
        assertThat(stuck()).isZero();
        advanceBySeconds(4);
        assertThat(stuck()).isEqualTo(1);
        advanceBySeconds(20);
        assertThat(stuck()).isEqualTo(1);
        postReceive();
        advanceBySeconds(1);
        assertThat(left()).isEmpty();
        pair.left.queuePair.postSend(send(2, SIGNALED));
        advanceBySeconds(20);
        assertThat(stuck()).isEqualTo(2);
    }

    @Test
    void shouldNotTellOfAQueuePairThatIsIdleOrGoesOn() {
        ((SoftDevice) pair.left.context).watch(LIMIT);
        advanceBySeconds(30);
        for (int i = 0; i < 10; i++) {
            pair.left.queuePair.postSend(send(i, SIGNALED));
            advanceBySeconds(5);
            postReceive();
            advanceBySeconds(1);
        }
        assertThat(stuck()).isZero();
    }

    /// Whatever its first PSNs: a queue pair is not stuck since the clock began.
    @Test
    void shouldNotTellOfANewQueuePair() {
        advanceBySeconds(1000);
        ((SoftDevice) pair.left.context).watch(LIMIT);
        QueuePair queuePair = pair.left.newQueuePair();
        queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0),
                        pair.right.queuePair.number(),
                        0,
                        Mtu.MTU_1024));
        queuePair.modify(QueuePairAttributes.toReadyToSend(0));
        queuePair.postSend(send(1, SIGNALED));
        pair.settle();
        assertThat(stuck()).isZero();
        queuePair.close();
    }

    @Test
    void shouldRefuseAWatchdogWithoutALimit() {
        assertThatThrownBy(() -> ((SoftDevice) pair.left.context).watch(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(DeviceOptions.of(Map.of("watchdog", "0.5"), false).watchdog())
                .contains(Duration.ofMillis(500));
        for (String wrong : List.of("0", "-1", "NaN", "soon", "1e9")) {
            assertThatThrownBy(() -> DeviceOptions.of(Map.of("watchdog", wrong), false))
                    .isInstanceOfSatisfying(
                            VerbsException.class,
                            it -> assertThat(it.errno()).isEqualTo(Errno.EINVAL));
        }
    }
}
