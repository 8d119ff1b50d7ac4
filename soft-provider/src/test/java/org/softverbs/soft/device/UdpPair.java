package org.softverbs.soft.device;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.netty.UdpLinks;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;

/// Two connected nodes over UDP sockets on loopback, driven by hand, and a [RawPeer] on the address
/// of the right one that sends to the left one.
final class UdpPair implements AutoCloseable {

    private final Host host = Sanitized.local();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, host.clock());
    final TestNode left;
    final TestNode right;
    final RawPeer attacker;

    UdpPair(String leftAddress, String rightAddress, long memory) {
        left = new TestNode(open(leftAddress, 1), memory);
        right = new TestNode(open(rightAddress, 2), memory);
        attacker = new RawPeer(rightAddress, leftAddress);
        TestNode.connect(left, right, Mtu.MTU_1024);
    }

    private SoftDevice open(String address, int number) {
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return SoftDevice.open(
                    new RdmaDevice("udp" + number, number, "lo"),
                    host,
                    owner.call(() -> UdpLinks.open(parsed, false, owner::isOwner)),
                    owner,
                    DeviceLimits.standard());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    int progress() {
        return owner.progress();
    }

    /// Goes on until nothing is received.
    void drain() {
        int received;
        do {
            received = progress();
        } while (received > 0);
    }

    /// Goes on until nothing was received for some rounds.
    void settle() {
        int idle = 0;
        while (idle < 20) {
            idle = progress() == 0 ? idle + 1 : 0;
        }
    }

    long count(String counter) {
        Long value = left.context.counters().get(counter);
        if (value == null) {
            throw new IllegalArgumentException("no counter " + counter);
        }
        return value;
    }

    /// Both queue pairs as new, connected again.
    void reconnect() {
        for (TestNode node : List.of(left, right)) {
            node.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
        TestNode.connect(left, right, Mtu.MTU_1024);
    }

    @Override
    public void close() {
        attacker.close();
        left.close();
        right.close();
    }
}
