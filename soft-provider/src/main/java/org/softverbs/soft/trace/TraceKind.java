package org.softverbs.soft.trace;

/// What a line of a trace tells.
public enum TraceKind {
    /// A packet left a node.
    SENT,
    /// A packet reached the queue of a node's socket.
    ARRIVED,
    /// A packet was lost on its way, by a fault.
    LOST,
    /// A packet arrived whose ICRC is wrong; it is thrown away.
    BAD_ICRC,
    /// A fault of a node, or of its paths.
    FAULT,
    /// A request was posted.
    POSTED,
    /// A request completed.
    COMPLETED,
    /// A device reported an event.
    EVENT,
    /// A timer made a node go on.
    TIMER,
    /// Anything else: in a simulated run what its scenario did, in a real one who the nodes are,
    /// what was dropped, and why a queue pair failed.
    NOTE
}
