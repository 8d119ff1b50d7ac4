package org.softverbs.sim.rw;

import static org.softverbs.sim.InvariantViolation.require;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What comes back of the requests of I/Os once one failed: the oldest I/O has the failure, and all
/// that was posted behind it is flushed, in order, each request once.
final class FlushModel {

    private static final class Posted {
        private final int requests;
        private int ended;

        Posted(int requests) {
            this.requests = requests;
        }
    }

    private final Map<Long, Posted> posted = new LinkedHashMap<>();
    private boolean failed;
    private long newest;

    /// An I/O was posted.
    ///
    /// @param requests how many, 0 when that is not known
    void posted(long id, int requests) {
        posted.put(id, new Posted(requests));
    }

    void succeeded(long id) {
        posted.remove(id);
    }

    /// A request of an I/O ended with an error.
    void ended(WorkCompletion completion) {
        long id = completion.workRequestId();
        Posted io = posted.get(id);
        if (io == null) {
            require(false, "C1", () -> "a completion of nothing: " + completion);
            return;
        }
        if (failed) {
            require(
                    completion.status() == WorkCompletionStatus.WR_FLUSH_ERR && id >= newest,
                    "C2",
                    () -> "after the first failure: " + completion);
        } else {
            long oldest = posted.keySet().iterator().next();
            require(id == oldest, "C2", () -> completion + ", and " + oldest + " is older");
        }
        failed = true;
        newest = id;
        io.ended++;
    }

    /// All ended that was posted. Of the I/O that failed some requests may have succeeded before,
    /// in silence.
    void drained() {
        Iterator<Map.Entry<Long, Posted>> all = posted.entrySet().iterator();
        for (boolean first = failed; all.hasNext(); first = false) {
            Map.Entry<Long, Posted> entry = all.next();
            Posted io = entry.getValue();
            int least = first || io.requests == 0 ? 1 : io.requests;
            int most = io.requests == 0 ? Integer.MAX_VALUE : io.requests;
            require(
                    io.ended >= least && io.ended <= most,
                    "C1",
                    () ->
                            "I/O %d of %d requests gave %d completions"
                                    .formatted(entry.getKey(), io.requests, io.ended));
        }
        posted.clear();
        failed = false;
        newest = 0;
    }
}
