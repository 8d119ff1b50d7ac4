package org.softverbs.sim;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What was counted at the last progress from before all that can still do harm: a packet that is
/// late does its harm some time after it was sent.
///
/// @param <T> what is counted
public final class Baseline<T> {

    private record Count<T>(long nanos, T value) {}

    /// A packet that is late does its harm up to so long after it was sent.
    private static final long LATEST_NANOS = 10_000_000;

    private final ArrayDeque<Count<T>> counts = new ArrayDeque<>();

    /// Nothing was counted.
    public Baseline() {}

    /// Begins anew, with nothing from before.
    public void reset(long nowNanos, T value) {
        counts.clear();
        counts.addLast(new Count<>(nowNanos, value));
    }

    /// There was progress.
    public void progress(long nowNanos, T value) {
        counts.addLast(new Count<>(nowNanos, value));
        // The first one stays that is from before what can still do harm.
        Count<T> first = counts.removeFirst();
        while (!counts.isEmpty() && counts.getFirst().nanos() <= nowNanos - LATEST_NANOS) {
            first = counts.removeFirst();
        }
        counts.addFirst(first);
    }

    /// What to compare with; null before the first [#reset].
    public @Nullable T value() {
        Count<T> first = counts.peekFirst();
        return first == null ? null : first.value();
    }
}
