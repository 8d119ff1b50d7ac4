package org.softverbs.soft.cm;

import org.softverbs.cm.PrivateData;
import org.softverbs.verbs.GlobalIdentifier;

/// What a REQ says of a connection that is wanted.
///
/// @param localGid the sender's address
/// @param remoteGid the receiver's address
/// @param serviceId which service
/// @param service transport service
/// @param queuePair the sender's queue pair
/// @param options how the connection is to be
/// @param timing how long to wait for each other
/// @param privateData up to 92 bytes; those of IP addressing begin with their header of 36
public record CmRequest(
        GlobalIdentifier localGid,
        GlobalIdentifier remoteGid,
        long serviceId,
        TransportService service,
        QueuePairEnd queuePair,
        Options options,
        Timing timing,
        PrivateData privateData) {

    /// Most bytes of private data.
    public static final int PRIVATE_DATA_LENGTH = 92;

    /// What each side tells of its own queue pair.
    ///
    /// @param number 24 bits
    /// @param startingPsn PSN that the receiver of the message is to begin with, 24 bits
    /// @param srq whether its receives come from a shared queue
    /// @param guid of its channel adapter; of no account when sent: the engine writes its own
    public record QueuePairEnd(int number, int startingPsn, boolean srq, long guid) {}

    /// How the connection is to be.
    ///
    /// @param responderResources READs and atomics of the receiver that the sender serves at once
    /// @param initiatorDepth READs and atomics of the sender that it wants served at once
    /// @param retryCount 0 to 7
    /// @param rnrRetryCount 0 to 7
    /// @param flowControl end-to-end flow control
    /// @param pathMtu number of the path MTU, 1 to 5
    /// @param flowLabel 20 bits
    /// @param trafficClass 0 to 255
    /// @param hopLimit 0 to 255
    /// @param serviceLevel 0 to 15
    public record Options(
            int responderResources,
            int initiatorDepth,
            int retryCount,
            int rnrRetryCount,
            boolean flowControl,
            int pathMtu,
            int flowLabel,
            int trafficClass,
            int hopLimit,
            int serviceLevel) {}

    /// How long to wait for each other; codes mean 4.096 us x 2^n.
    ///
    /// @param localResponseTimeout how long the sender takes to answer, 0 to 31
    /// @param remoteResponseTimeout how long the receiver may take, 0 to 31
    /// @param maxRetries how often a message is sent again, 0 to 15
    /// @param localAckTimeout ACK timeout of the sender's queue pair, 0 to 31; also the length of
    ///     timewait and the wait for a DREP
    /// @param packetLifetime how long a packet is under way at most, 0 to 31
    public record Timing(
            int localResponseTimeout,
            int remoteResponseTimeout,
            int maxRetries,
            int localAckTimeout,
            int packetLifetime) {

        /// What `rdma_cm` of Linux uses on RoCE: answers within 4.3 s, fifteen retries, 2 s.
        public static final Timing DEFAULT = new Timing(20, 20, 15, 19, 18);
    }
}
