package org.softverbs.cm;

import java.util.Optional;
import org.softverbs.verbs.Mtu;

/// How the connection manager goes about it; made with [#builder()]. Timeout codes mean
/// 4.096 us x 2^n.
///
/// Verbs name: `rdma_set_option` with `RDMA_OPTION_ID_TOS`, `_REUSEADDR` and
/// `_ACK_TIMEOUT`; the others are constants in Linux, whose values are the defaults.
///
/// @param typeOfService traffic class of the path, 0 to 255
/// @param reuseAddress whether another ID with this option may be bound to the same port
/// @param ackTimeout ACK timeout of the queue pair, 0 to 31; also the length of timewait, and the
///     wait for the answer to a disconnect
/// @param responseTimeout how long each side may take to answer a message, 0 to 31
/// @param maxRetries how often a message is sent again, 0 to 15
/// @param pathMtu the path MTU, when it is not to be that of the port
public record ConnectionOptions(
        int typeOfService,
        boolean reuseAddress,
        int ackTimeout,
        int responseTimeout,
        int maxRetries,
        Optional<Mtu> pathMtu) {

    /// What Linux does: 2.1 s for acknowledgements, 4.3 s for answers, fifteen retries.
    public static final ConnectionOptions DEFAULT = builder().build();

    public ConnectionOptions {
        requireWithin(typeOfService, 255, "typeOfService");
        requireWithin(ackTimeout, 31, "ackTimeout");
        requireWithin(responseTimeout, 31, "responseTimeout");
        requireWithin(maxRetries, 15, "maxRetries");
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

    /// Collects options.
    public static final class Builder {

        private int typeOfService;
        private boolean reuseAddress;
        private int ackTimeout = 19;
        private int responseTimeout = 20;
        private int maxRetries = 15;
        private Optional<Mtu> pathMtu = Optional.empty();

        private Builder() {}

        public Builder typeOfService(int value) {
            typeOfService = value;
            return this;
        }

        public Builder reuseAddress(boolean value) {
            reuseAddress = value;
            return this;
        }

        public Builder ackTimeout(int value) {
            ackTimeout = value;
            return this;
        }

        public Builder responseTimeout(int value) {
            responseTimeout = value;
            return this;
        }

        public Builder maxRetries(int value) {
            maxRetries = value;
            return this;
        }

        public Builder pathMtu(Mtu value) {
            pathMtu = Optional.of(value);
            return this;
        }

        /// @throws IllegalArgumentException when a value is out of range
        public ConnectionOptions build() {
            return new ConnectionOptions(
                    typeOfService, reuseAddress, ackTimeout, responseTimeout, maxRetries, pathMtu);
        }
    }
}
