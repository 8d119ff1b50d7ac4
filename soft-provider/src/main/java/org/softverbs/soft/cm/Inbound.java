package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// A datagram that came, and where from.
///
/// @param segment holds it
/// @param offset where it starts
/// @param localGid where it was sent to
/// @param remoteGid where it came from
/// @param transactionId of its header
/// @param nowNanos when it came
record Inbound(
        MemorySegment segment,
        long offset,
        GlobalIdentifier localGid,
        GlobalIdentifier remoteGid,
        long transactionId,
        long nowNanos) {

    /// Where the message starts, behind the header.
    long message() {
        return offset + MadHeaderFlyweight.LENGTH;
    }
}
