package org.softverbs.soft.rdmacm;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.VerbsException;

/// The multicast groups of an ID. Called by the owner, with the lock of the ID. There is no subnet
/// administration on RoCE: the group is joined on the network, and its GID is its IP address.
final class Multicast {

    /// That of `rdma_cm` on Linux: no further than the next router.
    private static final int HOP_LIMIT = 1;

    private final SoftConnectionId id;
    private final Set<GlobalIdentifier> joined = new LinkedHashSet<>();

    Multicast(SoftConnectionId id) {
        this.id = id;
    }

    void join(InetAddress group, int gidIndex, int queueKey) {
        CmDevice device = id.requireDevice("joinMulticast");
        requireGroup("joinMulticast", group);
        GlobalIdentifier gid = GlobalIdentifier.of(group);
        if (joined.contains(gid)) {
            throw new VerbsException(
                    Errno.EINVAL, "joinMulticast", "%s is in %s already".formatted(id, group));
        }
        try {
            device.joinGroup(id.queuePair(), gid);
        } catch (VerbsException e) {
            id.raise(
                    SoftCmEvent.of(CmEventType.MULTICAST_ERROR, id)
                            .status(-e.errno().number())
                            .explanation(e.explain())
                            .build());
            return;
        }
        joined.add(gid);
        AddressVector way = new AddressVector(gid, gidIndex, 0, HOP_LIMIT, 0, 0, 1);
        id.raise(
                SoftCmEvent.of(CmEventType.MULTICAST_JOIN, id)
                        .datagramPeer(new DatagramPeer(way, DatagramPeer.MULTICAST, queueKey))
                        .build());
    }

    void leave(InetAddress group) {
        CmDevice device = id.requireDevice("leaveMulticast");
        GlobalIdentifier gid = GlobalIdentifier.of(group);
        if (!joined.remove(gid)) {
            throw new VerbsException(
                    Errno.EINVAL, "leaveMulticast", "%s is not in %s".formatted(id, group));
        }
        Optional<QueuePair> queuePair = id.queuePair().filter(Conversation::isOpen);
        device.leaveGroup(queuePair, gid);
    }

    /// The ID is closed.
    void leaveAll() {
        for (GlobalIdentifier gid : List.copyOf(joined)) {
            leave(gid.toInetAddress());
        }
    }

    private static void requireGroup(String verb, InetAddress group) {
        if (!group.isMulticastAddress()) {
            throw new VerbsException(
                    Errno.EINVAL, verb, group.getHostAddress() + " is no multicast address");
        }
    }
}
