package org.softverbs.sim;

import java.time.Duration;

/// What the way from one node to another is like when nothing goes wrong.
///
/// @param latency from the last bit sent to the last bit received
/// @param jitter up to how much later a packet may be; packets do not overtake each other by it
/// @param bitsPerSecond how fast bits leave, above 0
/// @param mtu IP packets above so many bytes are lost
public record PathSettings(Duration latency, Duration jitter, long bitsPerSecond, int mtu) {

    public PathSettings {
        if (latency.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException(
                    "latency " + latency + " and jitter " + jitter + " may not be below 0");
        }
        if (bitsPerSecond < 1 || mtu < 1) {
            throw new IllegalArgumentException(
                    "bitsPerSecond " + bitsPerSecond + " and mtu " + mtu + " must be above 0");
        }
    }

    /// A switched network: 2 us, 10 Gbit/s, jumbo frames.
    public static PathSettings standard() {
        return new PathSettings(Duration.ofNanos(2000), Duration.ZERO, 10_000_000_000L, 9000);
    }
}
