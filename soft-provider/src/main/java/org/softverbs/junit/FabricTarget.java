package org.softverbs.junit;

import java.util.Deque;
import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.XrcDomain;

/// The receiving half of an end with extended reliable connections.
final class FabricTarget {

    private static final int TIMEOUT = 14;

    private final XrcDomain xrcDomain;
    private final SharedReceiveQueue receives;
    private final QueuePair queuePair;

    /// @param undo gets what closes each part, for when a later one is refused
    FabricTarget(
            DeviceContext context,
            ProtectionDomain domain,
            CompletionQueue completions,
            SharedReceiveQueueOptions options,
            Deque<Runnable> undo) {
        xrcDomain = context.openXrcDomain("");
        undo.push(xrcDomain::close);
        receives = domain.createXrcSharedReceiveQueue(options, xrcDomain, completions);
        undo.push(receives::close);
        queuePair = domain.createQueuePair(QueuePairOptions.xrcTarget(xrcDomain, completions));
        undo.push(queuePair::close);
    }

    SharedReceiveQueue receives() {
        return receives;
    }

    QueuePair queuePair() {
        return queuePair;
    }

    /// Connects with the initiator of the peer.
    void connect(Set<AccessFlag> access, AddressVector way, int initiator, int psn, Mtu mtu) {
        queuePair.modify(QueuePairAttributes.toInit(access));
        queuePair.modify(QueuePairAttributes.toReadyToReceive(way, initiator, psn, mtu));
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .timeout(TIMEOUT)
                        .sendPacketSequenceNumber(psn)
                        .build());
    }

    void close() {
        queuePair.close();
        receives.close();
        xrcDomain.close();
    }
}
