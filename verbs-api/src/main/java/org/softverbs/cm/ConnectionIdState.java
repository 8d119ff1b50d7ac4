package org.softverbs.cm;

/// What an ID is in the middle of.
///
/// Verbs name: `rdma_cm_state` of the kernel's `cma.c`.
public enum ConnectionIdState {
    IDLE,
    ADDR_BOUND,
    ADDR_RESOLVED,
    ROUTE_RESOLVED,
    LISTENING,
    /// It came with a CONNECT_REQUEST that is not answered.
    REQUESTED,
    /// A connect or accept is under way.
    CONNECTING,
    /// The peer's answer waits to be established.
    RESPONDED,
    ESTABLISHED,
    /// A disconnect is under way.
    DISCONNECTING,
    /// The connection is over, or failed.
    DISCONNECTED,
    DEVICE_REMOVED,
    CLOSED
}
