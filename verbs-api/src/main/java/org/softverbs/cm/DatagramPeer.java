package org.softverbs.cm;

import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramDestination;

/// Where datagrams to a service, or to a multicast group, go.
///
/// Verbs name: `rdma_ud_param`.
///
/// @param addressVector the way there
/// @param queuePairNumber the queue pair there; [#MULTICAST] for a group
/// @param queueKey its Q_Key
public record DatagramPeer(AddressVector addressVector, int queuePairNumber, int queueKey) {

    /// The queue pair number of every multicast group.
    public static final int MULTICAST = DatagramDestination.MULTICAST_QUEUE_PAIR;

    /// The Q_Key of datagram services and groups unless a program says another, `RDMA_UDP_QKEY`.
    public static final int DEFAULT_QUEUE_KEY = 0x0123_4567;
}
