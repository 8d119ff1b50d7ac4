package org.softverbs.fuzz;

/// What inputs are given to.
interface Target {

    /// Runs one input from the beginning.
    ///
    /// @throws Breach when something does not hold that must hold for any input
    void run(byte[] input);

    /// What all runs met.
    Reached reached();
}
