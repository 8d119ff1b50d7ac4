package org.softverbs.rw;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaMapping;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Undoes mappings when the completion that covers their request has come.
///
/// A send queue completes in order: a completion says that every request posted before it is done,
/// too, signaled or not. So the mappings of all of them are undone together, with one flush of the
/// IOTLB.
///
/// Used by one thread at a time: the one that posts and polls.
public final class UnmapRing implements AutoCloseable {

    private record Posted(long id, DmaMapping mapping) {}

    private final QueuePair queuePair;
    private final DmaDevice device;
    private final ArrayDeque<Posted> posted = new ArrayDeque<>();

    /// @param queuePair whose requests carry the mappings
    /// @param device that made the mappings
    public UnmapRing(QueuePair queuePair, DmaDevice device) {
        this.queuePair = queuePair;
        this.device = device;
    }

    /// Posts a request and takes over the mapping of its elements.
    ///
    /// @param request with an id that no other request under way has
    /// @throws org.softverbs.verbs.VerbsException when it is refused; the mapping stays the
    ///     caller's
    public void post(SendWorkRequest request, DmaMapping mapping) {
        queuePair.postSend(request);
        posted.addLast(new Posted(request.id(), mapping));
    }

    /// Undoes what a completion covers.
    ///
    /// @param completion of the queue pair's send queue; one of a request that was not posted here
    ///     covers nothing
    /// @return how many mappings were undone
    public int onCompletion(WorkCompletion completion) {
        if (posted.stream().noneMatch(it -> it.id() == completion.workRequestId())) {
            return 0;
        }
        List<DmaMapping> done = new ArrayList<>();
        boolean last = false;
        while (!last) {
            Posted next = posted.removeFirst();
            done.add(next.mapping());
            last = next.id() == completion.workRequestId();
        }
        device.unmapAll(done);
        return done.size();
    }

    /// Mappings whose requests are not known to be done.
    public int pending() {
        return posted.size();
    }

    /// Undoes what is left. To be called when the queue pair is closed or drained.
    @Override
    public void close() {
        device.unmapAll(posted.stream().map(Posted::mapping).toList());
        posted.clear();
    }
}
