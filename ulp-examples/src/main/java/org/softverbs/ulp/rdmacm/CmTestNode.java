package org.softverbs.ulp.rdmacm;

import java.lang.foreign.Arena;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.ConnectionId;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;

/// One end of a connection or datagram service: an ID, its queue pair, a buffer for its messages.
abstract class CmTestNode implements AutoCloseable {

    private final ConnectionId id;
    private final int messages;
    private final int size;
    private @Nullable Parts parts;

    /// What an end has once its ID has a device.
    private record Parts(
            ProtectionDomain domain,
            Completions sends,
            Completions receives,
            MemoryRegion region,
            QueuePair queuePair) {}

    /// @param messages each way
    /// @param size bytes of each
    CmTestNode(ConnectionId id, int messages, int size) {
        this.id = id;
        this.messages = messages;
        this.size = size;
    }

    abstract QueuePairType type();

    /// Bytes in front of a message in its receive.
    abstract int prefix();

    /// What goes before the ID.
    void closeOthers() {}

    /// Makes the queue pair, and posts as many receives as messages come.
    void open() {
        ProtectionDomain domain = id.device().orElseThrow().allocateProtectionDomain();
        int depth = Math.max(1, messages);
        Completions sends = new Completions(domain.context(), depth);
        Completions receives = new Completions(domain.context(), depth);
        MemoryRegion region =
                domain.registerMemory(
                        Arena.ofAuto().allocate(prefix() + Math.max(1, size)),
                        EnumSet.of(AccessFlag.LOCAL_WRITE));
        QueuePair queuePair =
                id.createQueuePair(
                        domain,
                        new QueuePairOptions(
                                type(),
                                sends.queue(),
                                receives.queue(),
                                new QueuePairCapabilities(depth, depth, 1, 1, 0),
                                true));
        parts = new Parts(domain, sends, receives, region, queuePair);
        for (int i = 0; i < messages; i++) {
            queuePair.postReceive(
                    new ReceiveWorkRequest(i, region.element(0, prefix() + (long) size)));
        }
    }

    private Parts parts() {
        Parts present = parts;
        if (present == null) {
            throw new IllegalStateException(id + " was not opened");
        }
        return present;
    }

    final ConnectionId id() {
        return id;
    }

    final int size() {
        return size;
    }

    final ProtectionDomain domain() {
        return parts().domain();
    }

    final Completions sends() {
        return parts().sends();
    }

    final Completions receives() {
        return parts().receives();
    }

    final MemoryRegion region() {
        return parts().region();
    }

    final QueuePair queuePair() {
        return parts().queuePair();
    }

    @Override
    public void close() {
        closeOthers();
        id.close();
        Parts present = parts;
        if (present != null) {
            present.region().close();
            present.sends().close();
            present.receives().close();
            present.domain().close();
        }
    }
}
