package org.softverbs.junit;

/// What the two ends of a [FabricConnection] are.
public enum FabricTransport {
    /// Reliable connections.
    RC,
    /// Unreliable connections.
    UC,
    /// Queue pairs for datagrams; each end knows where those for the other go
    /// ([FabricEnd#destination()]).
    UD,
    /// Extended reliable connections, one in each direction: an end sends by its initiator, and
    /// receives by a target from its shared receive queue ([FabricEnd#sharedReceiveQueue()]).
    XRC
}
