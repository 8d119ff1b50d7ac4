package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/// What eight bytes of a peer's memory must hold, which atomics of one queue pair alone change.
final class CounterModel {

    private record Change(long request, long after) {}

    private final String name;
    private final MemorySegment memory;
    private final long offset;
    private final ArrayDeque<Change> pending = new ArrayDeque<>();
    private long known;
    private long posted;

    CounterModel(String name, MemorySegment memory, long offset) {
        this.name = name;
        this.memory = memory;
        this.offset = offset;
        known = actual();
        posted = known;
    }

    private long actual() {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    /// The value once all is carried out that was posted.
    long posted() {
        return posted;
    }

    /// An addition is about to be posted.
    ///
    /// @return the old value that it must give
    long add(long request, long value) {
        return change(request, posted + value);
    }

    /// A compare and swap is about to be posted.
    ///
    /// @return the old value that it must give
    long compareAndSwap(long request, long compare, long swap) {
        return change(request, posted == compare ? swap : posted);
    }

    private long change(long request, long after) {
        long before = posted;
        posted = after;
        pending.addLast(new Change(request, after));
        return before;
    }

    /// Requests up to this one are carried out.
    void executed(long request) {
        while (!pending.isEmpty() && pending.getFirst().request() <= request) {
            known = pending.removeFirst().after();
        }
        check();
    }

    void check() {
        long value = actual();
        require(
                value == known || pending.stream().anyMatch(change -> change.after() == value),
                "T6",
                () -> name + " is " + value + ", known " + known + ", under way " + pending);
    }

    void abandon() {
        check();
        pending.clear();
        known = actual();
        posted = known;
    }
}
