package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.queue.XrcReceiveSource;

/// Turns the target of an extended reliable connection to the shared receive queue that a request
/// names: its receives, and its protection domain.
final class XrcSelection {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ResponderMemory memory;
    private final @Nullable XrcReceiveSource source;

    XrcSelection(QueuePairCore qp, EngineOutput output, ResponderMemory memory) {
        this.qp = qp;
        this.output = output;
        this.memory = memory;
        this.source = qp.receives() instanceof XrcReceiveSource xrc ? xrc : null;
    }

    /// Turns to the queue of a request; nothing happens on a queue pair of another type.
    ///
    /// @param number of the queue
    /// @param inMessage whether the request goes on a message, which cannot change its queue
    /// @return false when there is no such queue in the domain, or it is not the message's
    boolean select(int number, boolean inMessage) {
        XrcReceiveSource xrc = source;
        if (xrc == null) {
            return true;
        }
        SharedReceives named = output.xrcReceives(number);
        if (named == null) {
            return false;
        }
        if (xrc.isSelected(named)) {
            return true;
        }
        if (inMessage) {
            return false;
        }
        xrc.select(named);
        memory.who(new Accessor(named.domain(), qp.number(), named.isPrivileged()));
        return true;
    }
}
