package org.softverbs.junit;

/// Whose time a [Fabric] runs by.
public enum FabricClock {
    /// A clock that stands still but for the jumps from one event to the next; all is done by the
    /// test's thread, inside the calls that wait. The same seed gives the same run.
    VIRTUAL,
    /// The clock of this machine. One thread, the devices' own, receives and sends for all nodes.
    REAL
}
