package org.softverbs.sim;

import java.util.Set;

/// A program for a whole world, with what must come of it.
public interface Scenario {

    /// What the command line calls it.
    String name();

    /// In one line, what it does.
    String description();

    /// What may go wrong in it.
    Set<FaultKind> faults();

    /// Nodes it has when nobody says another number.
    int standardNodes();

    /// How many it may have.
    default NodeCounts nodeCounts() {
        return new NodeCounts(2, 1);
    }

    /// Makes the nodes, lets things go wrong, heals the world, and checks.
    ///
    /// @throws InvariantViolation when something is not as it must be
    void run(World world, int nodes);
}
