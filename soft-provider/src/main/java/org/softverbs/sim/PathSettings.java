package org.softverbs.sim;

import java.time.Duration;
import org.softverbs.verbs.Mtu;

/// What the way from one node to another is like when nothing goes wrong.
///
/// @param latency from the last bit sent to the last bit received
/// @param jitter up to how much later a packet may be; packets do not overtake each other by it
/// @param bitsPerSecond how fast bits leave, above 0
/// @param mtu IP packets above so many bytes are lost
public record PathSettings(Duration latency, Duration jitter, long bitsPerSecond, int mtu) {

    /// Bytes of an IP packet around the payload of a RoCE packet, at most.
    private static final int HEADERS = 80;

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

    /// The same for packets of queue pairs of a path MTU: their largest just fits.
    public PathSettings forPathMtu(Mtu pathMtu) {
        return new PathSettings(latency, jitter, bitsPerSecond, pathMtu.bytes() + HEADERS);
    }
}
