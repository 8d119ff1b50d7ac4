package org.softverbs.cm;

/// What an event of a connection manager tells.
///
/// Verbs name: `rdma_cm_event_type`, whose numbers are the ordinals.
public enum CmEventType {
    /// The peer's address is known, and which device leads to it.
    ADDR_RESOLVED,
    /// No device leads to the peer.
    ADDR_ERROR,
    /// The path to the peer is known.
    ROUTE_RESOLVED,
    ROUTE_ERROR,
    /// Somebody asks a listener for a connection, or for a datagram service.
    CONNECT_REQUEST,
    /// The peer accepted, and this side, whose queue pair the ID does not know, must establish.
    CONNECT_RESPONSE,
    /// A connection failed on the way, for a reason on this side.
    CONNECT_ERROR,
    /// The peer does not answer, or has no such datagram service.
    UNREACHABLE,
    /// The peer refused.
    REJECTED,
    /// The connection is there; or the queue pair of a datagram service is known.
    ESTABLISHED,
    /// The connection is over.
    DISCONNECTED,
    /// The device of the ID is gone.
    DEVICE_REMOVAL,
    /// The multicast group can be sent to, and is received from.
    MULTICAST_JOIN,
    MULTICAST_ERROR,
    /// The address that the ID is bound to is gone.
    ADDR_CHANGE,
    /// The queue pair may be used for another connection.
    TIMEWAIT_EXIT,
    /// The addresses of a name were found: [ConnectionId#addressInfo()].
    ADDRINFO_RESOLVED,
    /// A name has no address.
    ADDRINFO_ERROR,
    /// A program raised it, `rdma_write_cm_event`.
    USER
}
