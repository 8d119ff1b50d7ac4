package org.softverbs.verbs;

/// Where a datagram came from. Its receive begins with 40 bytes for the global route header, which
/// over RoCEv2 hold the IP header: of IPv6 all of them, of IPv4 the last 20. They are counted in
/// the completion's length.
///
/// Verbs name: `src_qp`, `pkey_index`, `sl` and `IBV_WC_GRH` of `ibv_wc`.
///
/// @param queuePairNumber the sender's queue pair
/// @param hasGlobalRoute whether the first 40 bytes of the receive were written
/// @param partitionKeyIndex place of the packet's P_Key in the port's table
/// @param serviceLevel 0 to 15
public record DatagramSource(
        int queuePairNumber, boolean hasGlobalRoute, int partitionKeyIndex, int serviceLevel) {

    /// Bytes of the global route header in front of each datagram.
    public static final int GLOBAL_ROUTE_LENGTH = 40;
}
