package org.softverbs.cm;

import java.util.OptionalInt;

/// How a connection is to be, as one side tells the other; made with [#builder()].
///
/// Verbs name: `rdma_conn_param`.
///
/// @param privateData goes along with the message
/// @param responderResources READs and atomics of the peer that this side serves at once, 0 to 255
/// @param initiatorDepth READs and atomics that this side has outstanding, 0 to 255
/// @param flowControl whether the peer is told of receives (end-to-end flow control)
/// @param retryCount tries after a timeout of the queue pair, 0 to 7; of a connect only
/// @param rnrRetryCount tries after an RNR NAK, 0 to 7
/// @param srq whether receives come from a shared queue; of no account when the ID has a queue pair
/// @param queuePairNumber the queue pair, when the ID has none
/// @param queueKey the Q_Key that a datagram service answers with; 0x01234567 by default
public record ConnectionParameters(
        PrivateData privateData,
        int responderResources,
        int initiatorDepth,
        boolean flowControl,
        int retryCount,
        int rnrRetryCount,
        boolean srq,
        OptionalInt queuePairNumber,
        OptionalInt queueKey) {

    /// As many READs as the device and the peer have, and all retries.
    public static final ConnectionParameters DEFAULT = builder().build();

    /// Stands for as many READs and atomics as the device has, `RDMA_MAX_RESP_RES` and
    /// `RDMA_MAX_INIT_DEPTH`.
    public static final int MAXIMUM = 0xff;

    public ConnectionParameters {
        requireWithin(responderResources, MAXIMUM, "responderResources");
        requireWithin(initiatorDepth, MAXIMUM, "initiatorDepth");
        requireWithin(retryCount, 7, "retryCount");
        requireWithin(rnrRetryCount, 7, "rnrRetryCount");
    }

    private static void requireWithin(int value, int limit, String field) {
        if (value < 0 || value > limit) {
            throw new IllegalArgumentException(
                    "%s %d is not within 0 and %d".formatted(field, value, limit));
        }
    }

    /// Starts from [#DEFAULT].
    public static Builder builder() {
        return new Builder();
    }

    /// The defaults with private data.
    public static ConnectionParameters with(PrivateData privateData) {
        return builder().privateData(privateData).build();
    }

    /// Collects parameters.
    public static final class Builder {

        private PrivateData privateData = PrivateData.EMPTY;
        private int responderResources = MAXIMUM;
        private int initiatorDepth = MAXIMUM;
        private boolean flowControl = true;
        private int retryCount = 7;
        private int rnrRetryCount = 7;
        private boolean srq;
        private OptionalInt queuePairNumber = OptionalInt.empty();
        private OptionalInt queueKey = OptionalInt.empty();

        private Builder() {}

        public Builder privateData(PrivateData value) {
            privateData = value;
            return this;
        }

        public Builder responderResources(int value) {
            responderResources = value;
            return this;
        }

        public Builder initiatorDepth(int value) {
            initiatorDepth = value;
            return this;
        }

        public Builder flowControl(boolean value) {
            flowControl = value;
            return this;
        }

        public Builder retryCount(int value) {
            retryCount = value;
            return this;
        }

        public Builder rnrRetryCount(int value) {
            rnrRetryCount = value;
            return this;
        }

        public Builder srq(boolean value) {
            srq = value;
            return this;
        }

        /// The queue pair, when the ID has none; its number and whether it shares receives count.
        public Builder queuePairNumber(int value) {
            queuePairNumber = OptionalInt.of(value);
            return this;
        }

        public Builder queueKey(int value) {
            queueKey = OptionalInt.of(value);
            return this;
        }

        /// @throws IllegalArgumentException when a value is out of range
        public ConnectionParameters build() {
            return new ConnectionParameters(
                    privateData,
                    responderResources,
                    initiatorDepth,
                    flowControl,
                    retryCount,
                    rnrRetryCount,
                    srq,
                    queuePairNumber,
                    queueKey);
        }
    }
}
