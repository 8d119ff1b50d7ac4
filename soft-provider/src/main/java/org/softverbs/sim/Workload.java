package org.softverbs.sim;

import java.time.Duration;

/// A program for some nodes of a world, with the model that judges it. Several may share a world:
/// [Phases] leads them all through chaos, healing and check.
public interface Workload {

    /// Takes its first turns.
    void start();

    /// Takes what completed, and judges it; called after each step of the world.
    void poll();

    /// Whether it did all that it wanted to do while things go wrong.
    boolean hasHadEnough();

    /// Nothing goes wrong any more: what is under way is to end, and nothing new begins.
    void heal();

    /// How long it may take to come to rest when nothing goes wrong any more.
    Duration longestRest();

    /// Whether nothing is under way.
    boolean isAtRest();

    /// Posts something more, which must succeed.
    void postLast();

    /// Judges that it came to rest, and that all is as it must be, then closes all it has.
    ///
    /// @throws InvariantViolation when it is not
    void finish();
}
