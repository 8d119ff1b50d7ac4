package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.rw.MappedSges;
import org.softverbs.rw.QueuePairDrain;
import org.softverbs.rw.SgeBuilder;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

class QueuePairDrainTest {

    private static final long SEND_MARKER = -1;
    private static final long RECEIVE_MARKER = -2;

    private final InProcessPair pair =
            new InProcessPair(
                    4096, Mtu.MTU_1024, DmaSettings.of(DmaAddressing.IOVA).withIommu(true));
    private final TestNode left = pair.left;

    /// Behind the IOMMU all of it is one element.
    private static Sge half(MappedSges mapped, int index) {
        Sge all = mapped.elements().getFirst();
        int length = all.length() / 2;
        return new Sge(all.address() + (long) index * length, length, all.localKey());
    }

    /// The ULP's own completions come before the markers, flushed; then nothing reaches the memory.
    @Test
    void shouldDrainAQueuePairBeforeItsMemoryIsUnmapped() {
        PhysicalAllocation memory =
                left.privileged()
                        .context()
                        .physicalMemory()
                        .allocate(PhysicalMemoryRequest.scattered(8192));
        try (MappedSges mapped =
                SgeBuilder.fillSgeFromSgl(left.privileged(), memory, DmaDirection.BIDIRECTIONAL)) {
            left.queuePair.postReceive(new ReceiveWorkRequest(1, List.of(half(mapped, 0))));
            // The peer has no receive: it waits for ever.
            left.queuePair.postSend(
                    new SendWorkRequest.Send(2, List.of(half(mapped, 1)), Set.of()));
            pair.settle();
            QueuePairDrain drain =
                    QueuePairDrain.begin(left.queuePair, SEND_MARKER, RECEIVE_MARKER);
            assertThat(left.queuePair.state()).isEqualTo(QueuePairState.ERR);
            assertThat(drain.isDone()).isFalse();
            pair.settle();
            List<WorkCompletion> own = new ArrayList<>();
            left.pollSends().stream().filter(it -> !drain.onCompletion(it)).forEach(own::add);
            assertThat(drain.isDone()).as("the receives are to come").isFalse();
            left.pollReceives().stream().filter(it -> !drain.onCompletion(it)).forEach(own::add);
            assertThat(drain.isDone()).isTrue();
            assertThat(own).extracting(WorkCompletion::workRequestId).containsExactly(2L, 1L);
            assertThat(own)
                    .extracting(WorkCompletion::status)
                    .containsOnly(WorkCompletionStatus.WR_FLUSH_ERR);
        }
    }

    @Test
    void shouldFindRoomForItsMarkersBehindFullQueues() {
        int depth = left.queuePair.capabilities().maxSendRequests();
        for (int i = 0; i < depth; i++) {
            left.queuePair.postSend(new SendWorkRequest.Send(i, List.of(), Set.of()));
            left.queuePair.postReceive(new ReceiveWorkRequest(i, List.of()));
        }
        QueuePairDrain drain = QueuePairDrain.begin(left.queuePair, SEND_MARKER, RECEIVE_MARKER);
        pair.settle();
        List<WorkCompletion> sends = left.pollSends();
        assertThat(sends).hasSize(depth + 1);
        assertThat(drain.onCompletion(sends.getLast())).isTrue();
        List<WorkCompletion> receives = left.pollReceives();
        assertThat(receives).hasSize(depth + 1);
        assertThat(drain.onCompletion(receives.getLast())).isTrue();
        assertThat(drain.isDone()).isTrue();
    }

    private static List<DeviceProfile> profiles() {
        return Stream.concat(
                        DeviceProfile.known().stream(),
                        Stream.of(DeviceProfile.of(Deviation.EMPTY_ELEMENT_LISTS_REFUSED)))
                .toList();
    }

    private static void assertDrained(InProcessPair pair, QueuePair queuePair, int each) {
        QueuePairDrain drain = QueuePairDrain.begin(queuePair, SEND_MARKER, RECEIVE_MARKER);
        pair.settle();
        for (List<WorkCompletion> queue :
                List.of(pair.left.pollSends(), pair.left.pollReceives())) {
            assertThat(queue).hasSize(each + 1);
            assertThat(queue.getLast().status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
            assertThat(drain.onCompletion(queue.getLast())).isTrue();
        }
        assertThat(drain.isDone()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldDrainFullQueuesUnderEachProfile(DeviceProfile profile) {
        InProcessPair own = VerbSides.pair(profile);
        QueuePair queuePair = own.left.queuePair;
        int depth = queuePair.capabilities().maxSendRequests();
        for (int i = 0; i < depth; i++) {
            queuePair.postSend(
                    new SendWorkRequest.Send(i, List.of(own.left.region.element(0, 64)), Set.of()));
            queuePair.postReceive(new ReceiveWorkRequest(i, own.left.region.element(0, 64)));
        }
        assertDrained(own, queuePair, depth);
        assertDrained(own, queuePair, 0);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldDrainDatagramsUnderEachProfile(DeviceProfile profile) {
        InProcessPair own = VerbSides.pair(profile);
        QueuePair queuePair = VerbSides.ready(own.left);
        queuePair.postReceive(new ReceiveWorkRequest(1, own.left.region.element(0, 64)));
        AddressHandle there =
                own.left.domain.createAddressHandle(
                        new AddressVector(own.right.context.gidTable(1).getFirst().gid(), 0));
        queuePair.postSend(VerbSides.datagram(own.left, there, 5));
        assertDrained(own, queuePair, 1);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void shouldTakeMarkersInErrorOnly(DeviceProfile profile) {
        QueuePair queuePair = VerbSides.pair(profile).left.queuePair;
        assertThat(VerbSides.outcome(() -> queuePair.postSendMarker(1))).isEqualTo("EINVAL");
        assertThat(VerbSides.outcome(() -> queuePair.postReceiveMarker(1))).isEqualTo("EINVAL");
    }

    @Test
    void shouldTellItsMarkersFromOthers() {
        assertThatThrownBy(() -> QueuePairDrain.begin(left.queuePair, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        QueuePairDrain drain = QueuePairDrain.begin(left.queuePair, SEND_MARKER, RECEIVE_MARKER);
        pair.settle();
        WorkCompletion marker = left.pollSends().getFirst();
        QueuePairDrain other =
                QueuePairDrain.begin(pair.right.queuePair, SEND_MARKER, RECEIVE_MARKER);
        assertThat(other.onCompletion(marker)).as("of another queue pair").isFalse();
        assertThat(drain.onCompletion(marker)).isTrue();
    }
}
