package org.softverbs.soft.qp;

import java.util.Locale;

/// What a device counts. The name in a report is the constant in lower case.
public enum TransportCounter {
    SENT_PACKETS,
    RECEIVED_PACKETS,
    SENT_BYTES,
    RECEIVED_BYTES,
    RETRANSMITTED_PACKETS,
    DUPLICATE_REQUESTS,
    OUT_OF_SEQUENCE_REQUESTS,
    SENT_RNR_NAKS,
    RECEIVED_RNR_NAKS,
    SENT_SEQUENCE_NAKS,
    RECEIVED_SEQUENCE_NAKS,
    SENT_FATAL_NAKS,
    RECEIVED_FATAL_NAKS,
    TIMEOUTS,
    RETRIES_EXCEEDED,
    RNR_RETRIES_EXCEEDED,
    /// Times that a requester went back to send again.
    RETRIES,
    /// SENDs that were carried out.
    COMPLETED_SENDS,
    /// Receives that a message took.
    COMPLETED_RECEIVES,
    IMPLIED_NAKS,
    DROPPED_MALFORMED,
    DROPPED_BAD_ICRC,
    DROPPED_UNKNOWN_QP,
    DROPPED_WRONG_SERVICE,
    DROPPED_NOT_READY,
    DROPPED_WRONG_PEER,
    DROPPED_BAD_PARTITION_KEY,
    DROPPED_BAD_ACKNOWLEDGEMENT,
    DROPPED_BAD_DUPLICATE,
    DROPPED_NO_ROOM,
    /// Bytes that FLUSHes of the peer wrote to mapped files.
    PERSISTED_BYTES,
    /// The rest of a message of an unreliable connection of which a part was lost.
    DROPPED_INCOMPLETE,
    /// A packet of an unreliable service with a length that it cannot have.
    DROPPED_BAD_LENGTH,
    /// A WRITE of an unreliable connection whose rights or key were refused.
    DROPPED_REFUSED,
    /// A message of an unreliable service that found no receive.
    DROPPED_NO_RECEIVE,
    /// A message of an unreliable service that is longer than its receive.
    DROPPED_TOO_LONG,
    DROPPED_BAD_QUEUE_KEY,
    COMPLETIONS_LOST,
    /// Times that the port went down.
    LINK_DOWNED,
    /// Queue pairs that the watchdog found without progress.
    STUCK_QUEUE_PAIRS,
    /// Exceptions that left an engine: always a bug of ours.
    ENGINE_FAULTS;

    private final boolean drop = name().startsWith("DROPPED_");

    /// Whether it counts packets that were dropped.
    public boolean isDrop() {
        return drop;
    }

    /// The name in a report.
    public String reportName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
