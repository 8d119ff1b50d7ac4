package org.softverbs.soft.cm;

import java.util.Locale;

/// What the engine counts. The name in a report is the constant in lower case behind `cm_`.
public enum CmCounter {
    RECEIVED_MESSAGES,
    SENT_MESSAGES,
    /// Of [#SENT_MESSAGES], those that were sent before.
    RETRANSMITTED_MESSAGES,
    /// REQ, REP, DREQ or SIDR_REQ that came again.
    DUPLICATE_MESSAGES,
    RECEIVED_REJECTS,
    SENT_REJECTS,
    /// Messages that were sent as often as allowed and not answered.
    TIMEOUTS,
    ESTABLISHED_CONNECTIONS,
    /// Connections whose peer came with the same queue pair for another one.
    STALE_CONNECTIONS,
    /// Half-open connections that made room for a newer one.
    EVICTED_CONNECTIONS,
    /// Requests refused as their source has too many half-open ones.
    REFUSED_SOURCE_LIMIT,
    /// Requests refused as their listener has too many that nobody took.
    REFUSED_BACKLOG,
    /// Requests refused as there are too many connections.
    REFUSED_CONNECTION_LIMIT,
    /// Not 256 bytes.
    DROPPED_LENGTH,
    /// Another class, version or method.
    DROPPED_HEADER,
    /// No message of communication management.
    DROPPED_ATTRIBUTE,
    /// About no connection that there is.
    DROPPED_UNKNOWN_CONNECTION,
    /// About a connection of another peer.
    DROPPED_WRONG_PEER,
    /// A message that does not belong to the state of its connection.
    DROPPED_WRONG_STATE,
    /// With a field that contradicts what is known.
    DROPPED_WRONG_FIELD,
    /// An MRA more than is heeded.
    DROPPED_MRA_LIMIT,
    /// Messages that the link had no room for.
    DROPPED_NO_ROOM;

    /// The name in a report.
    public String reportName() {
        return "cm_" + name().toLowerCase(Locale.ROOT);
    }
}
