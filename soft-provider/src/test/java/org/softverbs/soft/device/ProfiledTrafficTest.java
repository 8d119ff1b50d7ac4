package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
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

    private static final int EACH = EarlyMessages.MOST_OF_QUEUE_PAIR;

    private static List<DeviceProfile> profiles() {
        return DeviceProfile.known();
    }

    /// Each deviation alone.
    private static List<DeviceProfile> deviations() {
        return Stream.of(Deviation.values()).map(DeviceProfile::of).toList();
    }

    private static void assertNoFaults(InProcessPair pair) {
        for (TestNode node : List.of(pair.left, pair.right)) {
            assertThat(node.context.counters().get("engine_faults")).isZero();
            node.close();
        }
    }

    private static void place(DeviceProfile profile) {
        InProcessPair pair = VerbSides.pair(profile);
        for (SendWorkRequest request :
                List.of(
                        VerbSides.write(pair.left, pair.right),
                        VerbSides.atomicWrite(pair.right),
                        VerbSides.flush(pair.right))) {
            assertThat(pair.run(request)).containsExactly(WorkCompletionStatus.SUCCESS);
        }
        assertThat(pair.right.region.segment().get(ValueLayout.JAVA_LONG, 8))
                .isEqualTo(VerbSides.ATOMICALLY_WRITTEN);
        assertNoFaults(pair);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldFlushAndWriteAtomically(DeviceProfile profile) {
        place(profile);
    }

    private static void sendDatagram(DeviceProfile profile) {
        InProcessPair pair = VerbSides.pair(profile);
        pair.left.fill(4);
        AddressVector way = new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0);
        try (QueuePair from = VerbSides.ready(pair.left);
                QueuePair to = VerbSides.ready(pair.right);
                AddressHandle there = pair.left.domain.createAddressHandle(way)) {
            to.postReceive(new ReceiveWorkRequest(1, pair.right.region.element(0, 256)));
            from.postSend(VerbSides.datagram(pair.left, there, to.number()));
            pair.settle();
            assertThat(pair.left.pollSends()).singleElement().matches(WorkCompletion::isSuccess);
            assertThat(pair.right.pollReceives())
                    .singleElement()
                    .satisfies(it -> assertThat(it.byteLength()).isEqualTo(40 + 64));
        }
        assertThat(
                        pair.right
                                .region
                                .segment()
                                .asSlice(40, 64)
                                .mismatch(pair.left.region.segment().asSlice(0, 64)))
                .isEqualTo(-1);
        assertNoFaults(pair);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldSendDatagrams(DeviceProfile profile) {
        sendDatagram(profile);
    }

    /// What a deviation makes a device refuse is refused by a verb; nothing else is.
    @ParameterizedTest
    @MethodSource("deviations")
    void shouldRefuseNothingThatTheDeviationDoesNot(DeviceProfile profile) {
        boolean memory = profile.has(Deviation.SHARED_MEMORY_REQUIRED);
        boolean connections = memory || profile.has(Deviation.RELIABLE_CONNECTIONS_ABSENT);
        boolean datagrams = connections || profile.has(Deviation.DATAGRAMS_ABSENT);
        String refused = memory ? "EINVAL" : "EOPNOTSUPP";
        assertThat(VerbSides.outcome(() -> place(profile)))
                .isEqualTo(connections ? refused : "done");
        assertThat(VerbSides.outcome(() -> sendDatagram(profile)))
                .isEqualTo(datagrams ? refused : "done");
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
        sendEarly(receiver, datagrams);
    }

    private void sendEarly(QueuePair to, int datagrams) {
        to.modify(QueuePairAttributes.toInitDatagram(1));
        AddressHandle there =
                pair.left.domain.createAddressHandle(
                        new AddressVector(pair.right.context.gidTable(1).getFirst().gid(), 0));
        for (int i = 0; i < datagrams; i++) {
            sender.postSend(VerbSides.datagram(pair.left, there, to.number()));
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
    void shouldKeepNoMoreThanABoundedNumberForAQueuePair() {
        sendEarly(EACH + 9);
        assertThat(pair.right.context.counters().get("dropped_not_ready")).isEqualTo(9);
        assertThat(received()).isEqualTo(EACH);
    }

    @Test
    void shouldKeepNoMoreThanABoundedNumberForAll() {
        for (int i = 0; i < EarlyMessages.MOST / EACH; i++) {
            sendEarly(pair.right.newQueuePair(QueuePairType.UD), EACH);
        }
        assertThat(pair.right.context.counters().get("dropped_not_ready")).isZero();
        sendEarly(9);
        assertThat(pair.right.context.counters().get("dropped_not_ready")).isEqualTo(9);
    }

    @Test
    void shouldKeepThemForOneBesideAnotherThatHasAllItMay() {
        sendEarly(pair.right.newQueuePair(QueuePairType.UD), EACH + 9);
        sendEarly(3);
        assertThat(received()).isEqualTo(3);
    }

    @Test
    void shouldForgetThemWhenTheQueuePairFails() {
        for (int i = 0; i < EarlyMessages.MOST / EACH; i++) {
            QueuePair failing = pair.right.newQueuePair(QueuePairType.UD);
            sendEarly(failing, EACH);
            failing.modify(QueuePairAttributes.to(QueuePairState.ERR));
        }
        sendEarly(3);
        assertThat(received()).isEqualTo(3);
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
        sendEarly(EACH);
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
