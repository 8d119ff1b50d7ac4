package org.softverbs.verbs;

/// The way to a peer.
///
/// Verbs name: `ibv_ah_attr` with its `ibv_global_route` / `rdma_ah_attr`.
///
/// @param destinationGid the peer's GID
/// @param sourceGidIndex which of the port's own GIDs packets come from
/// @param flowLabel 20 bits
/// @param hopLimit 0 to 255; 0 asks for the host's default, 64, or 1 to a multicast group. A device
///     over a UDP socket sends to groups with it, and to single hosts with the host's default
///     whatever it is
/// @param trafficClass 0 to 255; a device over a UDP socket sends with that of the socket, 0
/// @param serviceLevel 0 to 15
/// @param portNumber the local port, from 1
public record AddressVector(
        GlobalIdentifier destinationGid,
        int sourceGidIndex,
        int flowLabel,
        int hopLimit,
        int trafficClass,
        int serviceLevel,
        int portNumber) {

    /// A way with defaults for all but the two ends.
    public AddressVector(GlobalIdentifier destinationGid, int sourceGidIndex) {
        this(destinationGid, sourceGidIndex, 0, 64, 0, 0, 1);
    }
}
