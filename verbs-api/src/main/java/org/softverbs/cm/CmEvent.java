package org.softverbs.cm;

import java.util.Optional;
import org.softverbs.verbs.Explanation;

/// Something that happened to an ID. An event that [EventChannel#await] gave must be acknowledged
/// before its IDs can be closed; those that a listener is called with are acknowledged when it
/// returns.
///
/// Verbs name: `rdma_cm_event`.
public interface CmEvent extends AutoCloseable {

    CmEventType type();

    /// The ID that it is about; a new one for CONNECT_REQUEST, which the program must close.
    ConnectionId id();

    /// The listener that a CONNECT_REQUEST came to.
    Optional<ConnectionId> listener();

    /// Zero for success; a negative error number as in `errno.h`; of REJECTED the code of its
    /// [RejectReason]; of UNREACHABLE for a datagram service the status of the peer's answer.
    int status();

    /// What the peer said of the connection: its resources as seen from this side, so that they can
    /// be accepted as they are.
    ///
    /// Of CONNECT_REQUEST, CONNECT_RESPONSE and ESTABLISHED; else the defaults, with the private
    /// data of a REJECTED or DISCONNECTED.
    ConnectionParameters parameters();

    /// The peer's private data; empty when the message has none.
    default PrivateData privateData() {
        return parameters().privateData();
    }

    /// Where datagrams go, of ESTABLISHED for a datagram service and of MULTICAST_JOIN.
    Optional<DatagramPeer> datagramPeer();

    /// Why, of events that tell of a failure or an end.
    Optional<Explanation> explanation();

    /// Why the peer refused, of REJECTED with a reason that the specification knows.
    default Optional<RejectReason> rejectReason() {
        return type() == CmEventType.REJECTED ? RejectReason.of(status()) : Optional.empty();
    }

    /// The program is done with it. Once is enough.
    ///
    /// Verbs name: `rdma_ack_cm_event`.
    void acknowledge();

    /// As [#acknowledge()].
    @Override
    default void close() {
        acknowledge();
    }
}
