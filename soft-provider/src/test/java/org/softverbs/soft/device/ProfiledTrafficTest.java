package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What profiles do not change, and how much is kept of what comes too early.
class ProfiledTrafficTest {

    private static List<DeviceProfile> profiles() {
        return DeviceProfile.known();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldServeAProgramThatDoesNothingUnusual(DeviceProfile profile) {
        InProcessPair pair = VerbSides.pair(profile);
        TestNode left = pair.left;
        TestNode right = pair.right;
        left.fill(3);
        right.queuePair.postReceive(new ReceiveWorkRequest(7, right.region.element(4096, 2048)));
        List<SendWorkRequest> requests =
                List.of(
                        VerbSides.write(left, right),
                        new SendWorkRequest.Send(
                                2, List.of(left.region.element(0, 2048)), VerbSides.SIGNALED),
                        new SendWorkRequest.RdmaRead(
                                3,
                                List.of(left.region.element(4096, 2048)),
                                right.region.address() + 4096,
                                right.region.remoteKey(),
                                VerbSides.SIGNALED),
                        new SendWorkRequest.FetchAndAdd(
                                4,
                                List.of(left.region.element(7000, 8)),
                                right.region.address(),
                                right.region.remoteKey(),
                                1,
                                VerbSides.SIGNALED));
        for (SendWorkRequest request : requests) {
            assertThat(pair.run(request)).containsExactly(WorkCompletionStatus.SUCCESS);
        }
        assertThat(right.pollReceives())
                .singleElement()
                .satisfies(it -> assertThat(it.byteLength()).isEqualTo(2048));
        assertThat(left.region.segment().asSlice(4096, 2048))
                .satisfies(
                        it ->
                                assertThat(it.mismatch(left.region.segment().asSlice(0, 2048)))
                                        .isEqualTo(-1));
        assertThat(left.context.counters().get("engine_faults")).isZero();
        left.close();
        right.close();
    }

    private final InProcessPair pair =
            VerbSides.pair(DeviceProfile.of(Deviation.EARLY_MESSAGES_KEPT));
    private final QueuePair sender = VerbSides.ready(pair.left);
    private final QueuePair receiver = pair.right.newQueuePair(QueuePairType.UD);

    private void sendEarly(int datagrams) {
        receiver.modify(QueuePairAttributes.toInitDatagram(1));
        AddressHandle there =
                pair.left.domain.createAddressHandle(
                        new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0));
        for (int i = 0; i < datagrams; i++) {
            sender.postSend(VerbSides.datagram(pair.left, there, receiver.number()));
            pair.settle();
            assertThat(pair.left.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(1);
        }
    }

    private int received() {
        for (int i = 0; i < 256; i++) {
            receiver.postReceive(new ReceiveWorkRequest(i, pair.right.region.element(0, 256)));
        }
        receiver.modify(QueuePairAttributes.to(QueuePairState.RTR));
        pair.settle();
        return pair.right.pollReceives().size();
    }

    @Test
    void shouldKeepNoMoreThanABoundedNumber() {
        sendEarly(EarlyMessages.MOST + 9);
        assertThat(pair.right.context.counters().get("dropped_not_ready")).isEqualTo(9);
        assertThat(received()).isEqualTo(EarlyMessages.MOST);
    }

    @Test
    void shouldForgetThemWhenTheQueuePairIsReset() {
        sendEarly(3);
        receiver.modify(QueuePairAttributes.to(QueuePairState.RESET));
        receiver.modify(QueuePairAttributes.toInitDatagram(1));
        assertThat(received()).isZero();
    }

    @Test
    void shouldForgetThemWithTheQueuePair() {
        sendEarly(EarlyMessages.MOST);
        receiver.close();
        QueuePair another = pair.right.newQueuePair(QueuePairType.UD);
        another.modify(QueuePairAttributes.toInitDatagram(1));
        another.postReceive(new ReceiveWorkRequest(1, pair.right.region.element(0, 256)));
        AddressHandle there =
                pair.left.domain.createAddressHandle(
                        new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0));
        sender.postSend(VerbSides.datagram(pair.left, there, another.number()));
        pair.settle();
        another.modify(QueuePairAttributes.to(QueuePairState.RTR));
        pair.settle();
        assertThat(pair.right.pollReceives()).hasSize(1);
    }
}
