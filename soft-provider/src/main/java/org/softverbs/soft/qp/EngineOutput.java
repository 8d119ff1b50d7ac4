package org.softverbs.soft.qp;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.LocalPath;

/// Where an engine puts what it produces. Called by the owner of the device only.
public interface EngineOutput {

    /// Whether the link takes another packet now.
    boolean hasRoom();

    /// The packet to fill before [#send()].
    OutboundPacket packet();

    /// Sends [#packet()].
    void send();

    /// Memory was invalidated: packets under way no longer point into it when this returns.
    void detach();

    /// An empty completion to fill before it is given to one of the two queues.
    CompletionEntry completion();

    /// Adds [#completion()] to the completion queue of the send queue.
    void completeSend();

    /// Adds [#completion()] to the completion queue of the receive queue.
    void completeReceive();

    /// The shared receive queue that a request of an extended reliable connection names, or null
    /// when its domain has none of that number.
    default @Nullable SharedReceives xrcReceives(int number) {
        return null;
    }

    void raise(AsyncEventType type, String detail);

    TransportCounters counters();

    /// What this side's own end of a path is like now. Where there is no port it is sound.
    default LocalPath localPath(Path path) {
        return LocalPath.SOUND;
    }
}
