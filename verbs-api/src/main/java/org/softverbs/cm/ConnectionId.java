package org.softverbs.cm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;

/// One end of a connection, a listener, or a datagram service, named by address and port as a
/// socket is.
///
/// Connecting goes by events: [#resolveAddress], [#resolveRoute], [#createQueuePair], [#connect],
/// ESTABLISHED. Accepting: [#bind], [#listen], CONNECT_REQUEST with an ID of its own,
/// [#createQueuePair], [#accept], ESTABLISHED. The queue pair of an ID is moved by the ID: to INIT
/// when it is made, to RTS before it is needed, to ERR when the connection is over. A program that
/// makes its queue pair itself gives its number in the [ConnectionParameters] and moves it with
/// [#queuePairAttributes].
///
/// A verb that does not fit the state of the ID is refused with `EINVAL`, and nothing changes.
///
/// Verbs name: `rdma_cm_id`.
public interface ConnectionId extends AutoCloseable {

    ConnectionManager manager();

    /// Where its events go.
    EventChannel channel();

    PortSpace portSpace();

    /// What it is in the middle of.
    ConnectionIdState state();

    /// The device that it is bound to; nothing for an ID that is not, and for a listener on all
    /// devices.
    Optional<DeviceContext> device();

    /// Its own address and port, `rdma_get_local_addr` and `rdma_get_src_port`.
    Optional<InetSocketAddress> localAddress();

    /// The peer's address and port, `rdma_get_peer_addr` and `rdma_get_dst_port`. The port of a
    /// peer that asked is known.
    Optional<InetSocketAddress> peerAddress();

    /// The path, once it is resolved or a request came over it.
    Optional<ConnectionRoute> route();

    /// The queue pair that was made with [#createQueuePair].
    Optional<QueuePair> queuePair();

    ConnectionOptions options();

    /// Changes how the connection manager goes about it, for what comes after.
    ///
    /// Verbs name: `rdma_set_option`.
    void options(ConnectionOptions options);

    /// Binds to a local address and port. The wildcard address stands for all devices, port 0 for
    /// any that is free.
    ///
    /// Verbs name: `rdma_bind_addr`.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EADDRINUSE` when the port is taken,
    ///     `EADDRNOTAVAIL` when no device has the address
    void bind(InetSocketAddress address);

    /// Takes requests from now on.
    ///
    /// Verbs name: `rdma_listen`.
    ///
    /// @param backlog most requests whose events nobody took; 0 or less asks for 1024, and no more
    ///     than 65,536 are given
    void listen(int backlog);

    /// Looks up the addresses of a name; ADDRINFO_RESOLVED or ADDRINFO_ERROR follows. The look-up
    /// is done when this returns, and may take as long as the host's resolver does.
    ///
    /// Verbs name: `rdma_resolve_addrinfo`.
    ///
    /// @param node name or address of the peer
    void resolveAddressInfo(String node, int port);

    /// What the newest [#resolveAddressInfo] found, in the order in which to try them; empty when
    /// it found nothing, or there was none.
    ///
    /// Verbs name: `rdma_query_addrinfo`.
    List<AddressInfo> addressInfo();

    /// Finds the device that leads to a peer; ADDR_RESOLVED or ADDR_ERROR follows. An ID that is
    /// not bound gets an address and a port.
    ///
    /// Verbs name: `rdma_resolve_addr`.
    ///
    /// @param destination the peer
    /// @param timeout longest time that it may take
    void resolveAddress(InetSocketAddress destination, Duration timeout);

    /// Finds the path to the peer; ROUTE_RESOLVED or ROUTE_ERROR follows.
    ///
    /// Verbs name: `rdma_resolve_route`.
    void resolveRoute(Duration timeout);

    /// Makes the queue pair of this ID, in INIT; a datagram queue pair in RTS. It is closed with
    /// the ID, or before by the program.
    ///
    /// Verbs name: `rdma_create_qp`.
    ///
    /// @param domain of the ID's device
    QueuePair createQueuePair(ProtectionDomain domain, QueuePairOptions options);

    /// Asks the peer for a connection; ESTABLISHED follows, or CONNECT_RESPONSE when the ID has no
    /// queue pair, or REJECTED, UNREACHABLE, CONNECT_ERROR. Of a datagram service it asks for the
    /// queue pair.
    ///
    /// Verbs name: `rdma_connect`.
    void connect(ConnectionParameters parameters);

    /// Accepts the request that this ID came with; ESTABLISHED follows. Of a datagram service it
    /// tells the queue pair, and nothing follows.
    ///
    /// Verbs name: `rdma_accept`.
    void accept(ConnectionParameters parameters);

    /// Refuses the request that this ID came with, or an answer that waits to be established.
    ///
    /// Verbs name: `rdma_reject`, whose reason is [RejectReason#CONSUMER_DEFINED].
    void reject(RejectReason reason, PrivateData privateData);

    /// Takes the answer that CONNECT_RESPONSE told of; ESTABLISHED does not follow.
    ///
    /// Verbs name: `rdma_establish`.
    void establish();

    /// The attributes with which a queue pair that the program made itself is to be moved.
    ///
    /// Verbs name: `rdma_init_qp_attr`.
    ///
    /// @param next INIT, RTR or RTS
    QueuePairAttributes queuePairAttributes(QueuePairState next);

    /// Ends the connection; DISCONNECTED follows. Once it has come, nothing happens.
    ///
    /// Verbs name: `rdma_disconnect`.
    void disconnect();

    /// Tells of an event of the queue pair. COMM_EST, that data came, stands for the peer's last
    /// message if that is lost; others mean nothing. The manager sees it itself of queue pairs made
    /// with [#createQueuePair].
    ///
    /// Verbs name: `rdma_notify`.
    void notifyOf(AsyncEventType event);

    /// Joins a multicast group; MULTICAST_JOIN or MULTICAST_ERROR follows.
    ///
    /// Verbs name: `rdma_join_multicast`.
    void joinMulticast(InetAddress group);

    /// Leaves a multicast group.
    ///
    /// Verbs name: `rdma_leave_multicast`.
    void leaveMulticast(InetAddress group);

    /// Raises an event of type USER.
    ///
    /// Verbs name: `rdma_write_cm_event`.
    void raise(int status);

    /// Has its events, those that wait too, go to another channel of the same manager.
    ///
    /// Verbs name: `rdma_migrate_id`.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when events that were taken from the old
    ///     channel are not acknowledged
    void migrate(EventChannel channel);

    /// Ends it: what it asked for is called off, its connection is ended, its peer is told. Events
    /// that nobody took are dropped, and requests among them rejected. Its queue pair is closed,
    /// and its number not used again before timewait ends.
    ///
    /// Verbs name: `rdma_destroy_id`, which waits where this refuses.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when events that were taken are not
    ///     acknowledged; it stays as it is
    @Override
    void close();
}
