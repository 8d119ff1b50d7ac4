package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.link.netty.UdpLinks;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.RdmaDevice;

/// Multicast groups over UDP sockets on the loopback interface.
class MulticastUdpTest {

    private static final int ROUNDS = 2_000;

    private final Host host = Sanitized.local();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, host.clock());
    private final List<GroupNode> nodes = new ArrayList<>();

    private GroupNode open(String address, boolean nio, FaultPlan faults) {
        int number = nodes.size() + 1;
        try {
            InetAddress parsed = InetAddress.getByName(address);
            GroupNode node =
                    new GroupNode(
                            SoftDevice.open(
                                    new RdmaDevice("udp" + number, number, "lo"),
                                    host,
                                    owner.call(
                                            () ->
                                                    new FaultLink(
                                                            UdpLinks.open(
                                                                    parsed, nio, owner::isOwner),
                                                            faults,
                                                            number,
                                                            host.clock())),
                                    owner,
                                    DeviceLimits.standard()));
            nodes.add(node);
            return node;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    private GroupNode open(String address, boolean nio) {
        return open(address, nio, FaultPlan.NONE);
    }

    private static GlobalIdentifier group(String address) {
        try {
            return GlobalIdentifier.of(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    private static Optional<String> ipv6() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(it -> !it.isVirtual() && isForGroups(it))
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(it -> it instanceof Inet6Address && !it.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress)
                    .map(it -> it.replaceFirst("%.*", ""))
                    .findFirst();
        } catch (SocketException e) {
            return Optional.empty();
        }
    }

    private static boolean isForGroups(NetworkInterface candidate) {
        try {
            return candidate.isUp() && candidate.supportsMulticast() && !candidate.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }

    private void settle() {
        int idle = 0;
        while (idle < ROUNDS) {
            idle = owner.progress() == 0 ? idle + 1 : 0;
        }
    }

    @AfterEach
    void close() {
        nodes.forEach(it -> owner.run(() -> it.device().engine().link().close()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverToEveryMemberOnEveryDevice(boolean nio) {
        GlobalIdentifier group = group("239.83.1.1");
        GroupNode left = open("127.9.1.1", nio);
        GroupNode right = open("127.9.1.2", nio);
        GroupNode third = open("127.9.1.3", nio);
        QueuePair sender = left.member(group, 2);
        QueuePair neighbour = left.member(group, 2);
        QueuePair one = right.member(group, 2);
        QueuePair two = right.member(group, 2);
        QueuePair three = third.member(group, 2);
        left.send(sender, group, 60);
        settle();
        assertThat(left.received()).containsExactly(neighbour.number());
        assertThat(right.received()).containsExactly(one.number(), two.number());
        assertThat(third.received()).containsExactly(three.number());
        for (GroupNode node : nodes) {
            assertThat(node.count("dropped_bad_icrc")).isZero();
            assertThat(node.count("link_send_failures")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveAGroupWithItsLastMember(boolean nio) {
        GlobalIdentifier group = group("239.83.1.2");
        GlobalIdentifier other = group("239.83.1.3");
        GroupNode left = open("127.9.2.1", nio);
        GroupNode right = open("127.9.2.2", nio);
        QueuePair sender = left.newQueuePair();
        QueuePair member = right.member(group, 4);
        member.attachMulticast(other);
        left.send(sender, group, 4);
        left.send(sender, other, 4);
        settle();
        assertThat(right.received()).hasSize(2);
        member.detachMulticast(group);
        long packets = right.count("received_packets");
        left.send(sender, group, 4);
        left.send(sender, other, 4);
        settle();
        assertThat(right.received()).hasSize(1);
        assertThat(right.count("received_packets")).isEqualTo(packets + 1);
        member.attachMulticast(group);
        left.send(sender, group, 4);
        settle();
        assertThat(right.received()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropTheAddressOfAGroupWithTheNumberOfAQueuePair(boolean nio) {
        GlobalIdentifier group = group("239.83.1.4");
        GroupNode left = open("127.9.3.1", nio);
        GroupNode right = open("127.9.3.2", nio);
        QueuePair member = right.member(group, 1);
        QueuePair sender = left.newQueuePair();
        try (AddressHandle way = left.way(group)) {
            left.send(sender, way, member.number(), 4);
        }
        try (AddressHandle way = left.way(right.node.context.gidTable(1).getFirst().gid())) {
            left.send(sender, way, DatagramDestination.MULTICAST_QUEUE_PAIR, 4);
        }
        settle();
        assertThat(right.count("dropped_unknown_qp")).isEqualTo(2);
        assertThat(right.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverOverIpv6(boolean nio) {
        GlobalIdentifier group = group("ff05::8311");
        // Linux routes no IPv6 groups over the loopback interface.
        Optional<String> address = ipv6();
        assumeThat(address).as("an IPv6 address for groups").isPresent();
        GroupNode left = open(address.orElseThrow(), nio);
        QueuePair sender = left.member(group, 1);
        QueuePair member = left.member(group, 1);
        left.send(sender, group, 30);
        settle();
        assertThat(left.received()).containsExactly(member.number());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverTheSameToAllWhenPacketsAreLost(boolean nio) {
        GlobalIdentifier group = group("239.83.1.5");
        GroupNode left = open("127.9.4.1", nio, new FaultPlan(0.2, 0, 0, 0, 0));
        GroupNode right = open("127.9.4.2", nio);
        GroupNode third = open("127.9.4.3", nio);
        QueuePair sender = left.newQueuePair();
        right.member(group, 200);
        third.member(group, 200);
        for (int i = 0; i < 200; i++) {
            left.send(sender, group, 8);
            if (i % 20 == 19) {
                settle();
                left.node.pollSends();
            }
        }
        int received = right.received().size();
        assertThat(received).isBetween(120, 190);
        assertThat(third.received()).hasSize(received);
    }
}
