package org.softverbs.sim;

/// How often somebody looks at a run and finds it where it was, before it counts as stuck. A run
/// may be as long as it likes while its clock moves.
final class Patience {

    private final long mostLooks;
    private long run = -1;
    private long virtualNanos;
    private long looks;

    /// @param mostLooks looks without a change after which patience is over
    Patience(long mostLooks) {
        this.mostLooks = mostLooks;
    }

    /// Looks once.
    ///
    /// @param seenRun number of the run
    /// @param seenNanos time of its world
    /// @return whether nothing changed for too long
    boolean isOver(long seenRun, long seenNanos) {
        boolean moved = seenRun != run || seenNanos != virtualNanos;
        looks = moved ? 0 : looks + 1;
        run = seenRun;
        virtualNanos = seenNanos;
        return looks >= mostLooks;
    }
}
