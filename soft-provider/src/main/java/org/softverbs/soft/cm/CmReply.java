package org.softverbs.soft.cm;

import org.softverbs.cm.PrivateData;

/// What a REP says.
///
/// @param queuePair the sender's queue pair
/// @param responderResources READs and atomics of the receiver that the sender serves at once
/// @param initiatorDepth READs and atomics that the sender will have outstanding
/// @param targetAckDelay how long the sender takes to acknowledge, 0 to 31
/// @param rnrRetryCount 0 to 7
/// @param flowControl end-to-end flow control
/// @param privateData up to 196 bytes
public record CmReply(
        CmRequest.QueuePairEnd queuePair,
        int responderResources,
        int initiatorDepth,
        int targetAckDelay,
        int rnrRetryCount,
        boolean flowControl,
        PrivateData privateData) {

    /// Most bytes of private data.
    public static final int PRIVATE_DATA_LENGTH = 196;
}
