package org.softverbs.soft.cm;

/// What an engine holds at most, and how long.
///
/// @param connections connections and exchanges of any state, those in timewait included
/// @param halfOpen passive connections whose peer has not answered a REP yet, SIDR requests, and
///     answers that are kept in case they were lost; the oldest makes room for the newest
/// @param halfOpenPerSource of those, the ones of one source address, without the kept answers
/// @param unansweredReplies REPs that are sent to an address that never answered anything; a REQ
///     that comes again is answered once more
/// @param messageReceipts MRAs that are heeded for one message
/// @param setupNanos longest time from the first message until a connection is established
/// @param longestTimeout largest timeout code of a peer that is heeded (4.096 us x 2^n)
public record CmLimits(
        int connections,
        int halfOpen,
        int halfOpenPerSource,
        int unansweredReplies,
        int messageReceipts,
        long setupNanos,
        int longestTimeout) {

    /// The defaults.
    public static final CmLimits DEFAULT =
            new CmLimits(65_536, 8_192, 1_024, 3, 15, 300_000_000_000L, 21);

    public CmLimits {
        requirePositive(connections, "connections");
        requirePositive(halfOpen, "halfOpen");
        requirePositive(halfOpenPerSource, "halfOpenPerSource");
        requirePositive(unansweredReplies, "unansweredReplies");
        requirePositive(messageReceipts, "messageReceipts");
        requirePositive(setupNanos, "setupNanos");
        requirePositive(longestTimeout, "longestTimeout");
    }

    private static void requirePositive(long value, String field) {
        if (value <= 0) {
            throw new IllegalArgumentException(field + " " + value + " is not above 0");
        }
    }

    /// The time that a timeout code means as Linux reckons it: 2^(code-8) ms, at least 1 ms.
    long nanos(int code) {
        int heeded = Math.min(code, longestTimeout);
        return 1_000_000L << Math.max(heeded - 8, 0);
    }
}
