package org.softverbs.soft.roce;

import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AsyncEventType;

/// What a responder does with a request after one of its checks.
enum RequestDisposition {
    /// All is well so far.
    PROCEED,
    /// Forget the packet.
    DROP,
    /// The peer must wait for a receive.
    RECEIVER_NOT_READY,
    /// A request that is the end, and that the peer hears nothing of.
    UNANSWERED,
    /// A request that the specification or the queue pair does not allow: the end.
    INVALID_REQUEST,
    /// Memory that the peer has no right to: the end.
    REMOTE_ACCESS_ERROR,
    /// A receive of our own that does not work: the end.
    OPERATIONAL_ERROR;

    /// The AETH syndrome of a disposition that ends the connection.
    int syndrome() {
        return switch (this) {
            case INVALID_REQUEST, UNANSWERED -> AckSyndrome.NAK_INVALID_REQUEST;
            case REMOTE_ACCESS_ERROR -> AckSyndrome.NAK_REMOTE_ACCESS_ERROR;
            case OPERATIONAL_ERROR -> AckSyndrome.NAK_REMOTE_OPERATIONAL_ERROR;
            case PROCEED, DROP, RECEIVER_NOT_READY ->
                    throw new IllegalArgumentException(this + " does not end a connection");
        };
    }

    /// The event that tells our own side of it.
    AsyncEventType event() {
        return switch (this) {
            case INVALID_REQUEST, UNANSWERED -> AsyncEventType.QP_REQ_ERR;
            case REMOTE_ACCESS_ERROR -> AsyncEventType.QP_ACCESS_ERR;
            case OPERATIONAL_ERROR -> AsyncEventType.QP_FATAL;
            case PROCEED, DROP, RECEIVER_NOT_READY ->
                    throw new IllegalArgumentException(this + " does not end a connection");
        };
    }
}
