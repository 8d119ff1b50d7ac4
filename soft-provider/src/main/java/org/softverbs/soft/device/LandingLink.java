package org.softverbs.soft.device;

import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.link.FilterLink;
import org.softverbs.soft.link.PacketLink;

/// The link of a device whose engines place some packets late: when packets under way let go of
/// memory, those that came in land.
final class LandingLink extends FilterLink {

    private final IntMap<QueuePairPort> queuePairs;

    LandingLink(PacketLink inner, IntMap<QueuePairPort> queuePairs) {
        super(inner);
        this.queuePairs = queuePairs;
    }

    @Override
    public void detach() {
        super.detach();
        for (QueuePairPort port : queuePairs.values()) {
            port.engine().land();
        }
    }
}
