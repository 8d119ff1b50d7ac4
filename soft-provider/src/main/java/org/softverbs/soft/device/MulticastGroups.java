package org.softverbs.soft.device;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// The multicast groups of a device, and the queue pairs that get their datagrams. A group is
/// joined on the network while somebody needs it. For the owner.
///
/// Finding the members of a group allocates nothing.
final class MulticastGroups {

    static final String ATTACH = "attachMulticast";

    private static final Group[] NO_GROUPS = {};
    private static final QueuePairPort[] NO_MEMBERS = {};

    private static final class Group {
        final GlobalIdentifier gid;
        QueuePairPort[] members = NO_MEMBERS;

        /// Joins of connection managers, which need no member.
        int joins;

        Group(GlobalIdentifier gid) {
            this.gid = gid;
        }

        boolean isNeeded() {
            return members.length > 0 || joins > 0;
        }

        int indexOf(QueuePairPort port) {
            for (int i = 0; i < members.length; i++) {
                if (members[i] == port) {
                    return i;
                }
            }
            return -1;
        }

        void add(QueuePairPort port) {
            members = Arrays.copyOf(members, members.length + 1);
            members[members.length - 1] = port;
        }

        /// A new list: somebody may be walking over the old one.
        void remove(int index) {
            QueuePairPort[] rest = Arrays.copyOf(members, members.length - 1);
            System.arraycopy(members, index + 1, rest, index, rest.length - index);
            members = rest;
        }
    }

    private final PacketLink link;
    private final DeviceLimits limits;
    private final DethFlyweight deth = new DethFlyweight();

    /// Sorted by GID.
    private Group[] groups = NO_GROUPS;

    MulticastGroups(PacketLink link, DeviceLimits limits) {
        this.link = link;
        this.limits = limits;
    }

    /// Has a queue pair get the datagrams to a group; nothing changes when it does.
    ///
    /// @throws VerbsException `ENOMEM` at a limit of the device, or what the link says when it
    ///     cannot join
    void attach(QueuePairPort port, GlobalIdentifier gid) {
        Group known = find(gid.high(), gid.low());
        if (known != null && known.indexOf(port) >= 0) {
            return;
        }
        int most = limits.maxMulticastAttachments();
        if ((known == null ? 0 : known.members.length) >= most) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    ATTACH,
                    "the device's limit of " + most + " queue pairs in a group is reached");
        }
        join(gid).add(port);
    }

    /// Ends [#attach].
    ///
    /// @return false when the queue pair was not attached
    boolean detach(QueuePairPort port, GlobalIdentifier gid) {
        Group group = find(gid.high(), gid.low());
        int index = group == null ? -1 : group.indexOf(port);
        if (group == null || index < 0) {
            return false;
        }
        group.remove(index);
        leaveUnneeded(group);
        return true;
    }

    /// How many groups a queue pair is attached to.
    int attachments(QueuePairPort port) {
        int count = 0;
        for (Group group : groups) {
            count += group.indexOf(port) >= 0 ? 1 : 0;
        }
        return count;
    }

    /// The queue pair is gone.
    void forget(QueuePairPort port) {
        for (Group group : groups.clone()) {
            detach(port, group.gid);
        }
    }

    /// Joins a group for a connection manager.
    ///
    /// @throws VerbsException as [#attach]
    void hold(GlobalIdentifier gid) {
        join(gid).joins++;
    }

    /// Ends [#hold].
    void release(GlobalIdentifier gid) {
        Group group = Objects.requireNonNull(find(gid.high(), gid.low()));
        group.joins--;
        leaveUnneeded(group);
    }

    /// The queue pairs that a packet to a group is for; none when nobody is attached. Good whatever
    /// is attached or detached meanwhile.
    QueuePairPort[] members(InboundPacket packet) {
        Group group = find(packet.destinationHigh(), packet.destinationLow());
        return group == null ? NO_MEMBERS : group.members;
    }

    /// Whether a queue pair sent a datagram itself: nobody gets back what it said.
    ///
    /// @param dethOffset where in the packet the DETH is
    boolean isOwn(QueuePairPort port, InboundPacket packet, int dethOffset) {
        GlobalIdentifier own = link.address();
        return packet.sourceLow() == own.low()
                && packet.sourceHigh() == own.high()
                && deth.wrap(packet.segment(), packet.offset() + dethOffset).sourceQpn()
                        == port.core().number();
    }

    private Group join(GlobalIdentifier gid) {
        int at = search(gid.high(), gid.low());
        if (at >= 0) {
            return groups[at];
        }
        if (groups.length >= limits.maxMulticastGroups()) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    ATTACH,
                    "the device's limit of "
                            + limits.maxMulticastGroups()
                            + " multicast groups is reached");
        }
        link.join(gid);
        Group group = new Group(gid);
        Group[] more = Arrays.copyOf(groups, groups.length + 1);
        System.arraycopy(groups, -at - 1, more, -at, groups.length + at + 1);
        more[-at - 1] = group;
        groups = more;
        return group;
    }

    private void leaveUnneeded(Group group) {
        if (group.isNeeded()) {
            return;
        }
        int at = search(group.gid.high(), group.gid.low());
        Group[] rest = Arrays.copyOf(groups, groups.length - 1);
        System.arraycopy(groups, at + 1, rest, at, rest.length - at);
        groups = rest;
        link.leave(group.gid);
    }

    private @Nullable Group find(long high, long low) {
        int at = search(high, low);
        return at < 0 ? null : groups[at];
    }

    /// Where a group is, or `-1 - n` for one that would be the n-th.
    private int search(long high, long low) {
        int from = 0;
        int to = groups.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            GlobalIdentifier gid = groups[middle].gid;
            int order = Long.compareUnsigned(gid.high(), high);
            if (order == 0) {
                order = Long.compareUnsigned(gid.low(), low);
            }
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return -1 - from;
    }
}
