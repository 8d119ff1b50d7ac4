package org.softverbs.ulp.store;

/// What a command lacks for now.
enum Shortage {
    NONE,
    /// Registrations, of which each connection has its own.
    REGISTRATIONS,
    /// Bounce buffers or I/O virtual addresses, which all connections share.
    MEMORY
}
