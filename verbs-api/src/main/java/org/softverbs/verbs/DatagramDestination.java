package org.softverbs.verbs;

/// Where a datagram goes.
///
/// Verbs name: `wr.ud` of `ibv_send_wr` / `ib_ud_wr`.
///
/// @param handle the way to the port
/// @param queuePairNumber which queue pair there, 24 bits; `0xffffff` for a multicast group
/// @param queueKey the Q_Key that the queue pair there must hold; with the highest bit set the
///     sender's own is sent in its place
public record DatagramDestination(AddressHandle handle, int queuePairNumber, int queueKey) {

    /// The queue pair number of everyone in a multicast group.
    public static final int MULTICAST_QUEUE_PAIR = 0xff_ffff;
}
