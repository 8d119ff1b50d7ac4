package org.softverbs.soft.cm;

import org.softverbs.cm.PrivateData;

/// What a SIDR_REP says.
///
/// @param status its code; 0 for success
/// @param queuePair number of the service's queue pair, 24 bits
/// @param queueKey its Q_Key
/// @param privateData up to 136 bytes
public record CmServiceReply(int status, int queuePair, int queueKey, PrivateData privateData) {

    /// Most bytes of private data.
    public static final int PRIVATE_DATA_LENGTH = 136;

    /// Status: here is the queue pair.
    public static final int SUCCESS = 0;

    /// Status: nobody listens.
    public static final int UNSUPPORTED = 1;

    /// Status: the program refused.
    public static final int REJECTED = 2;

    /// Status: there is no queue pair left.
    public static final int NO_QUEUE_PAIR = 3;
}
