package org.softverbs.soft.device;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.QueuePairType;

/// Finds the queue pair that a packet is for, and counts, by their reason, those that are for none.
/// Allocates nothing. For the owner.
final class PacketAdmission {

    private static final int PARTITION_KEY_MASK = 0x7fff;

    /// Who a packet is for.
    enum Addressee {
        QUEUE_PAIR,
        /// Queue pair 1.
        MANAGEMENT,
        /// A multicast group, by its address; there may be no member.
        GROUP,
        /// It was dropped.
        NOBODY
    }

    private final IntMap<QueuePairPort> queuePairs;
    private final TransportCounters counters;
    private final PacketCheck check = new PacketCheck();
    private final BthFlyweight bth = new BthFlyweight();
    private @Nullable RoceOpcode opcode;
    private Addressee addressee = Addressee.NOBODY;

    PacketAdmission(IntMap<QueuePairPort> queuePairs, TransportCounters counters) {
        this.queuePairs = queuePairs;
        this.counters = counters;
    }

    /// What the last packet is that was admitted.
    RoceOpcode opcode() {
        RoceOpcode known = opcode;
        if (known == null) {
            throw new IllegalStateException("no packet was admitted");
        }
        return known;
    }

    /// Who the last packet is for.
    Addressee addressee() {
        return addressee;
    }

    private boolean isPartitionKeyRight() {
        return (bth.partitionKey() & PARTITION_KEY_MASK) == PARTITION_KEY_MASK;
    }

    /// Looks at a packet whose ICRC is right.
    ///
    /// @return the queue pair, or null when the packet is for another [#addressee()] than one
    @Nullable QueuePairPort admit(InboundPacket inbound) {
        counters.add(TransportCounter.RECEIVED_PACKETS);
        counters.add(TransportCounter.RECEIVED_BYTES, inbound.length());
        RoceOpcode found = parse(inbound);
        opcode = found;
        addressee = Addressee.NOBODY;
        if (found == null) {
            counters.add(TransportCounter.DROPPED_MALFORMED);
            return null;
        }
        bth.wrap(inbound.segment(), inbound.offset());
        int number = bth.destinationQpn();
        boolean toGroup = number == DatagramDestination.MULTICAST_QUEUE_PAIR;
        // The number of groups goes with the address of one, and with no other.
        if (toGroup != inbound.isToGroup()) {
            counters.add(TransportCounter.DROPPED_UNKNOWN_QP);
            return null;
        }
        if (toGroup || number == ManagementPort.NUMBER) {
            admitWithoutQueuePair(toGroup, found);
            return null;
        }
        QueuePairPort port = queuePairs.get(number);
        if (port == null) {
            counters.add(TransportCounter.DROPPED_UNKNOWN_QP);
            return null;
        }
        TransportCounter fault = faultFor(port, inbound, found);
        if (fault != null) {
            counters.add(fault);
            return null;
        }
        addressee = Addressee.QUEUE_PAIR;
        return port;
    }

    private void admitWithoutQueuePair(boolean toGroup, RoceOpcode found) {
        if (toGroup && found.service() != RoceOpcode.Service.UD) {
            counters.add(TransportCounter.DROPPED_WRONG_SERVICE);
        } else if (!isPartitionKeyRight()) {
            counters.add(TransportCounter.DROPPED_BAD_PARTITION_KEY);
        } else {
            addressee = toGroup ? Addressee.GROUP : Addressee.MANAGEMENT;
        }
    }

    private @Nullable RoceOpcode parse(InboundPacket inbound) {
        if (inbound.isPayloadApart()) {
            RoceOpcode named = RoceOpcode.of(inbound.opcodeByte());
            return named != null && named.headerLength() == inbound.length() ? named : null;
        }
        PacketFault fault =
                check.check(
                        inbound.segment(),
                        inbound.offset(),
                        inbound.length() + PacketCheck.ICRC_LENGTH);
        if (fault != PacketFault.NONE) {
            return null;
        }
        inbound.splitPayload(check.headerLength(), check.padLength());
        return check.opcode();
    }

    private static RoceOpcode.Service serviceOf(QueuePairType type) {
        return switch (type) {
            case RC -> RoceOpcode.Service.RC;
            case UC -> RoceOpcode.Service.UC;
            case UD, GSI -> RoceOpcode.Service.UD;
            case XRC_SEND, XRC_RECV -> RoceOpcode.Service.XRC;
        };
    }

    private @Nullable TransportCounter faultFor(
            QueuePairPort port, InboundPacket inbound, RoceOpcode found) {
        if (found.service() != serviceOf(port.core().type())) {
            return TransportCounter.DROPPED_WRONG_SERVICE;
        }
        if (!isPartitionKeyRight()) {
            return TransportCounter.DROPPED_BAD_PARTITION_KEY;
        }
        if (port.core().type() == QueuePairType.UD) {
            return null;
        }
        if (!port.core().connection().hasPath()) {
            return TransportCounter.DROPPED_NOT_READY;
        }
        if (!inbound.isFrom(port.core().connection().path())) {
            return TransportCounter.DROPPED_WRONG_PEER;
        }
        return null;
    }
}
