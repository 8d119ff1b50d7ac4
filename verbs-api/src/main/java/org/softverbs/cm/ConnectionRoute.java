package org.softverbs.cm;

import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;

/// The path from an ID to its peer.
///
/// Verbs name: `rdma_route` with its `ibv_sa_path_rec`.
///
/// @param localGid this side's address
/// @param addressVector the way to the peer
/// @param pathMtu payload of a full packet
/// @param packetLifetime how long a packet is under way at most, as a code (4.096 us x 2^n)
public record ConnectionRoute(
        GlobalIdentifier localGid, AddressVector addressVector, Mtu pathMtu, int packetLifetime) {

    /// The peer's address.
    public GlobalIdentifier remoteGid() {
        return addressVector.destinationGid();
    }
}
