package org.softverbs.soft.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.verbs.QueuePairState;

/// Packets for queue pairs in INIT, of a device that keeps them until they can be received. For the
/// owner.
final class EarlyMessages {

    /// Packets that are kept for all queue pairs together; what comes beside them is dropped.
    static final int MOST = 256;

    /// Packets that are kept for one queue pair, so that none takes the room of all.
    static final int MOST_OF_QUEUE_PAIR = 64;

    /// A copy of one, and who it is for.
    private record Kept(int queuePair, InboundPacket packet) {}

    private final IntMap<QueuePairPort> queuePairs;
    private final BthFlyweight bth = new BthFlyweight();
    private final List<Kept> kept = new ArrayList<>();

    EarlyMessages(IntMap<QueuePairPort> queuePairs) {
        this.queuePairs = queuePairs;
    }

    /// Keeps a packet that comes too early.
    ///
    /// @return false when it does not, or there is no room
    boolean keep(InboundPacket inbound) {
        if (kept.size() == MOST || inbound.length() < BthFlyweight.LENGTH || inbound.isToGroup()) {
            return false;
        }
        int number = bth.wrap(inbound.segment(), inbound.offset()).destinationQpn();
        QueuePairPort port = queuePairs.get(number);
        if (port == null
                || port.core().state() != QueuePairState.INIT
                || keptFor(number) == MOST_OF_QUEUE_PAIR) {
            return false;
        }
        MemorySegment bytes = Arena.ofAuto().allocate(inbound.wholeLength());
        if (!inbound.copyTo(bytes, 0)) {
            return false;
        }
        InboundPacket copy = new InboundPacket();
        copy.set(bytes, 0, inbound.wholeLength());
        copy.setAddresses(inbound.path());
        kept.add(new Kept(number, copy));
        return true;
    }

    private int keptFor(int queuePair) {
        int count = 0;
        for (Kept each : kept) {
            if (each.queuePair() == queuePair) {
                count++;
            }
        }
        return count;
    }

    /// Takes out what was kept for a queue pair, in the order in which it came.
    List<InboundPacket> release(int queuePair) {
        List<InboundPacket> packets =
                kept.stream().filter(it -> it.queuePair() == queuePair).map(Kept::packet).toList();
        kept.removeIf(it -> it.queuePair() == queuePair);
        return packets;
    }
}
