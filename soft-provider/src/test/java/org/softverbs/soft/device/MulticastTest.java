package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.device.GroupNode.QUEUE_KEY;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// Multicast groups, over a network inside the JVM.
class MulticastTest {

    private static final GlobalIdentifier GROUP = ipv4(0xef01_0203);
    private static final GlobalIdentifier OTHER_GROUP = ipv4(0xef01_0204);

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final GroupNode left = new GroupNode(pair.left);
    private final GroupNode right = new GroupNode(pair.right);
    private final GroupNode third = new GroupNode(pair.open(3));

    private static GlobalIdentifier ipv4(int address) {
        return new GlobalIdentifier(0, 0xffff_0000_0000L | Integer.toUnsignedLong(address));
    }

    private static void assertRefused(Errno errno, String reason, ThrowingCallable verb) {
        assertThatThrownBy(verb)
                .isInstanceOfSatisfying(
                        VerbsException.class, it -> assertThat(it.errno()).isEqualTo(errno))
                .hasMessageContaining(reason);
    }

    @Test
    void shouldDeliverToEveryMemberOnEveryDevice() {
        QueuePair sender = left.newQueuePair();
        QueuePair one = right.member(GROUP, 2);
        QueuePair two = right.member(GROUP, 2);
        QueuePair three = third.member(GROUP, 2);
        right.member(OTHER_GROUP, 2);
        left.node.fill(5);
        left.send(sender, GROUP, 50);
        pair.settle();
        assertThat(left.node.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(right.received()).containsExactly(one.number(), two.number());
        WorkCompletion received = third.node.pollReceives().getFirst();
        assertThat(received.queuePairNumber()).isEqualTo(three.number());
        assertThat(received.byteLength()).isEqualTo(90);
        assertThat(received.source()).contains(new DatagramSource(sender.number(), true, 0, 0));
        assertThat(
                        third.node
                                .region
                                .segment()
                                .asSlice(40, 50)
                                .mismatch(left.node.region.segment().asSlice(0, 50)))
                .isEqualTo(-1);
        assertThat(left.received()).isEmpty();
    }

    @Test
    void shouldGiveASenderNoCopyOfItsOwnButOtherQueuePairsOfItsDevice() {
        QueuePair sender = left.member(GROUP, 2);
        QueuePair neighbour = left.member(GROUP, 2);
        QueuePair far = right.member(GROUP, 2);
        left.send(sender, GROUP, 4);
        pair.settle();
        assertThat(left.received()).containsExactly(neighbour.number());
        assertThat(right.received()).containsExactly(far.number());
        right.send(far, GROUP, 4);
        pair.settle();
        assertThat(left.received()).containsExactly(sender.number(), neighbour.number());
        assertThat(right.received()).isEmpty();
    }

    @Test
    void shouldGiveOneCopyToWhoIsAttachedTwice() {
        QueuePair member = right.member(GROUP, 4);
        member.attachMulticast(GROUP);
        left.send(left.newQueuePair(), GROUP, 4);
        pair.settle();
        assertThat(right.received()).hasSize(1);
        member.detachMulticast(GROUP);
        left.send(left.newQueuePair(), GROUP, 4);
        pair.settle();
        assertThat(right.received()).isEmpty();
    }

    @Test
    void shouldDropTheCopyAloneOfAMemberWithoutReceiveOrWithAnotherQueueKey() {
        QueuePair idle = right.member(GROUP, 0);
        QueuePair other = right.newQueuePair(QUEUE_KEY + 1);
        other.attachMulticast(GROUP);
        right.receive(other);
        QueuePair last = right.member(GROUP, 1);
        left.send(left.newQueuePair(), GROUP, 4);
        pair.settle();
        assertThat(right.received()).containsExactly(last.number());
        assertThat(right.count("dropped_no_receive")).isEqualTo(1);
        assertThat(right.count("dropped_bad_queue_key")).isEqualTo(1);
        right.receive(idle);
        left.send(left.newQueuePair(), GROUP, 4);
        pair.settle();
        assertThat(right.received()).containsExactly(idle.number());
    }

    @Test
    void shouldHearOfAGroupOnlyWhileSomebodyIsAttached() {
        QueuePair sender = left.newQueuePair();
        QueuePair one = right.member(GROUP, 4);
        QueuePair two = right.member(GROUP, 4);
        one.detachMulticast(GROUP);
        left.send(sender, GROUP, 4);
        pair.settle();
        assertThat(right.received()).containsExactly(two.number());
        two.detachMulticast(GROUP);
        long packets = right.count("received_packets");
        left.send(sender, GROUP, 4);
        pair.settle();
        assertThat(right.count("received_packets")).isEqualTo(packets);
        one.attachMulticast(GROUP);
        left.send(sender, GROUP, 4);
        pair.settle();
        assertThat(right.received()).containsExactly(one.number());
    }

    @Test
    void r17ShouldDropTheNumberOfGroupsWithoutAGroup() {
        right.member(GROUP, 1);
        QueuePair sender = left.newQueuePair();
        try (AddressHandle way = left.way(right.node.context.gidTable(1).getFirst().gid())) {
            left.send(sender, way, DatagramDestination.MULTICAST_QUEUE_PAIR, 4);
            pair.settle();
        }
        assertThat(right.count("dropped_unknown_qp")).isEqualTo(1);
        assertThat(right.received()).isEmpty();
    }

    @Test
    void r24ShouldDropTheAddressOfAGroupWithTheNumberOfAQueuePair() {
        QueuePair member = right.member(GROUP, 1);
        QueuePair sender = left.newQueuePair();
        try (AddressHandle way = left.way(GROUP)) {
            left.send(sender, way, member.number(), 4);
            left.send(sender, way, ManagementPort.NUMBER, 4);
            pair.settle();
        }
        assertThat(right.count("dropped_unknown_qp")).isEqualTo(2);
        assertThat(right.received()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"RC", "UC"})
    void shouldAttachDatagramQueuePairsAlone(QueuePairType type) {
        QueuePair queuePair = left.node.newQueuePair(type);
        assertRefused(Errno.EINVAL, "only one of type UD", () -> queuePair.attachMulticast(GROUP));
        assertRefused(Errno.EINVAL, "only one of type UD", () -> queuePair.detachMulticast(GROUP));
    }

    @Test
    void shouldRefuseWhatIsNoGroupAndWhatIsNotAttached() {
        QueuePair queuePair = left.newQueuePair();
        GlobalIdentifier own = left.node.context.gidTable(1).getFirst().gid();
        assertRefused(Errno.EINVAL, "no multicast GID", () -> queuePair.attachMulticast(own));
        assertRefused(Errno.EINVAL, "not attached", () -> queuePair.detachMulticast(GROUP));
        queuePair.attachMulticast(GROUP);
        assertRefused(Errno.EINVAL, "not attached", () -> queuePair.detachMulticast(OTHER_GROUP));
        queuePair.detachMulticast(GROUP);
        assertRefused(Errno.EINVAL, "not attached", () -> queuePair.detachMulticast(GROUP));
    }

    @Test
    void shouldNotCloseAQueuePairThatIsAttached() {
        QueuePair queuePair = left.member(GROUP, 0);
        assertRefused(Errno.EBUSY, "attached to multicast groups: 1", queuePair::close);
        assertThat(queuePair.type()).isEqualTo(QueuePairType.UD);
        queuePair.detachMulticast(GROUP);
        queuePair.close();
    }

    @Test
    void shouldHoldNoMoreThanItsLimits() {
        SoftDevice small =
                SoftDevice.open(
                        new RdmaDevice("small", 9, "in-process"),
                        pair.host,
                        pair.network.join(ipv4(0x0a00_0009)),
                        pair.owner,
                        new DeviceLimits(
                                16, 256, 8, 256, 16, 1024, 16, 16, 16, 1 << 20, 16, 16, 16, 16, 2,
                                1),
                        DeviceProfile.standard(),
                        DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), pair.host));
        assertThat(small.queryDevice().maxMulticastGroups()).isEqualTo(2);
        assertThat(small.queryDevice().maxMulticastAttachments()).isEqualTo(1);
        GroupNode node = new GroupNode(small);
        QueuePair first = node.member(GROUP, 0);
        first.attachMulticast(OTHER_GROUP);
        assertRefused(
                Errno.ENOMEM,
                "limit of 2 multicast groups",
                () -> first.attachMulticast(ipv4(0xe000_0001)));
        QueuePair second = node.newQueuePair();
        assertRefused(
                Errno.ENOMEM,
                "limit of 1 queue pairs in a group",
                () -> second.attachMulticast(GROUP));
        first.detachMulticast(GROUP);
        second.attachMulticast(GROUP);
    }

    @Test
    void shouldFindEachOfManyGroups() {
        QueuePair sender = left.newQueuePair();
        QueuePair member = right.newQueuePair();
        List<Integer> hosts = List.of(7, 3, 9, 1, 5, 8, 2, 6, 4);
        for (int host : hosts) {
            member.attachMulticast(ipv4(0xef00_0000 | host));
            right.receive(member);
        }
        member.detachMulticast(ipv4(0xef00_0005));
        for (int host : hosts) {
            left.send(sender, ipv4(0xef00_0000 | host), host);
        }
        pair.settle();
        assertThat(right.node.pollReceives())
                .extracting(it -> (int) it.byteLength() - 40)
                .containsExactly(7, 3, 9, 1, 8, 2, 6, 4);
    }
}
