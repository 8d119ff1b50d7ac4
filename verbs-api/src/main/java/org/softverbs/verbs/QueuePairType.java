package org.softverbs.verbs;

/// The transport service of a queue pair.
///
/// Verbs name: `ibv_qp_type` / `ib_qp_type`.
public enum QueuePairType {
    /// Reliable connection.
    RC,
    /// Unreliable connection: SENDs and WRITEs without acknowledgement; what is lost is lost whole.
    UC,
    /// Unreliable datagram: SENDs of at most a path MTU, each to a destination of its own.
    UD,
    /// The initiator of an extended reliable connection: sends to any shared receive queue of its
    /// target's domain, and receives nothing. (`XRC_INI`)
    XRC_SEND,
    /// The target of an extended reliable connection: receives for the shared receive queues of its
    /// domain, and sends nothing. (`XRC_TGT`)
    XRC_RECV,
    /// The queue pair of general services, number 1: datagrams that manage. Kernel code has one for
    /// each device; it gets the classes that the connection manager does not take. Its Q_Key is
    /// `0x80010000`.
    GSI;

    /// Whether it sends and receives datagrams.
    public boolean isDatagram() {
        return this == UD || this == GSI;
    }
}
