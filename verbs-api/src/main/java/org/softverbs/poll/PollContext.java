package org.softverbs.poll;

/// Who polls a completion queue and calls the handlers.
///
/// Kernel name: `ib_poll_context`.
public enum PollContext {
    /// Whoever calls [PolledQueue#process(int)]; nothing happens without (`IB_POLL_DIRECT`).
    DIRECT(Integer.MAX_VALUE),
    /// The loop of the queue's completion vector, in turns of 256 (`IB_POLL_SOFTIRQ`).
    EVENT_LOOP(256),
    /// A virtual thread of the queue's own, in turns of 65536; its handlers may block
    /// (`IB_POLL_WORKQUEUE`).
    VIRTUAL_THREAD(65_536);

    private final int budget;

    PollContext(int budget) {
        this.budget = budget;
    }

    /// Most completions of one turn.
    int budget() {
        return budget;
    }
}
