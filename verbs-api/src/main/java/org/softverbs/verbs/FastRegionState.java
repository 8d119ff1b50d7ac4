package org.softverbs.verbs;

/// Where a fast registration stands.
public enum FastRegionState {
    /// Never registered.
    FREE,
    /// Registered: its key opens what was mapped.
    VALID,
    /// Registered before, and invalidated since.
    INVALID
}
