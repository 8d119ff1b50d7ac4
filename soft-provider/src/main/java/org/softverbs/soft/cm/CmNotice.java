package org.softverbs.soft.cm;

import org.softverbs.cm.PrivateData;
import org.softverbs.soft.wire.mad.CmAttribute;

/// What the engine tells a consumer of a connection.
public sealed interface CmNotice {

    /// What it is about.
    CmConnection connection();

    /// A REQ for a listener: the consumer answers by `accept` or `reject`.
    record RequestReceived(CmConnection connection, CmListener listener, CmRequest request)
            implements CmNotice {}

    /// A REP: the consumer answers by `readyToUse` or `reject`.
    record ReplyReceived(CmConnection connection, CmReply reply) implements CmNotice {}

    /// Passive side: the peer is ready. Its RTU came, or data, which says the same.
    record Established(CmConnection connection, PrivateData privateData) implements CmNotice {}

    /// The peer refused, or gave up. The connection is over.
    ///
    /// @param before the state until then
    record Rejected(CmConnection connection, CmReject reject, CmState before) implements CmNotice {}

    /// The engine refused or ended it for a reason of its own. The connection is over.
    record Ended(CmConnection connection, int reason, CmState before) implements CmNotice {}

    /// A message was sent as often as allowed and not answered. The connection is over.
    ///
    /// @param message what was sent; `REP` also when nobody accepted in time
    /// @param tries how often
    /// @param waitedNanos from the first time on
    /// @param before the state until then
    record TimedOut(
            CmConnection connection,
            CmAttribute message,
            int tries,
            long waitedNanos,
            CmState before)
            implements CmNotice {}

    /// A connection is over in order: by the peer's DREQ, or by its DREP to ours.
    ///
    /// @param byPeer whether the peer asked
    /// @param before the state until then
    record Disconnected(
            CmConnection connection, boolean byPeer, CmState before, PrivateData privateData)
            implements CmNotice {}

    /// Timewait is over: the queue pair number may be used again.
    record TimewaitExited(CmConnection connection) implements CmNotice {}

    /// A SIDR_REQ for a listener: the consumer answers by `answer`.
    record ServiceRequested(
            CmConnection connection, CmListener listener, long serviceId, PrivateData privateData)
            implements CmNotice {}

    /// The answer to a SIDR_REQ.
    record ServiceReplied(CmConnection connection, CmServiceReply reply) implements CmNotice {}
}
