package org.softverbs.soft.wire.roce;

/**
 * Judges whether a peer may have used an IPv4 identification, from those it used before. Confined
 * to one thread. See {@link IcrcVerifier} for what it protects and how well.
 */
final class IpIdTracker {

    private static final int ID_MASK = 0xffff;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Segments of one GSO send; Linux allows 128 (UDP_MAX_SEGMENTS). */
    private static final int SEGMENTS_MAX = 128;

    private final IpIdPolicy policy;
    private final DamageTable damage = DamageTable.instance(); // built now, not by a packet
    private boolean known;
    private int last;
    private long lastNanos;
    private boolean fromZero;
    private boolean fragmentable;
    private boolean suspected;
    private int suspect;
    private long suspectNanos;

    IpIdTracker(IpIdPolicy policy) {
        this.policy = policy;
    }

    /** The ID to try first. */
    int expected() {
        return !known || (fromZero && last == 0) ? 0 : next(last);
    }

    /** Whether the peer lets its packets be fragmented (DF clear). */
    boolean fragmentable() {
        return fragmentable;
    }

    /** Forgets all and takes {@code id} for the last one seen. */
    void reset(int id, long nowNanos) {
        known = false;
        fromZero = false;
        suspected = false;
        accept(id, false, nowNanos);
    }

    /**
     * Whether a packet that matches for this ID is taken; remembers it either way.
     *
     * @param bytes from the IP ID to the end of the packet
     */
    boolean admit(int id, boolean mayFragment, int bytes, long nowNanos) {
        boolean taken =
                !known
                        || (mayFragment == fragmentable
                                && (isNext(id)
                                        || (isPlausible(id, nowNanos)
                                                && !isLikelyDamage(id, bytes))))
                        || continuesSuspect(id, nowNanos);
        if (taken) {
            accept(id, mayFragment, nowNanos);
        } else {
            suspected = true;
            suspect = id;
            suspectNanos = nowNanos;
        }
        return taken;
    }

    private void accept(int id, boolean mayFragment, long nowNanos) {
        boolean late = known && !suspected && distance(id, last) <= policy.backward();
        fromZero = id == 0 || (fromZero && id < SEGMENTS_MAX);
        if (!late || fromZero) {
            last = id;
        }
        known = true;
        fragmentable = mayFragment;
        suspected = false;
        lastNanos = nowNanos;
    }

    /** The two IDs that need no explanation: one more than the last, and the start of a new run. */
    private boolean isNext(int id) {
        return id == next(last) || (fromZero && id == 0);
    }

    private boolean isPlausible(int id, long nowNanos) {
        return distance(last, id) <= forward(lastNanos, nowNanos)
                || distance(id, last) <= policy.backward()
                || (fromZero && id < SEGMENTS_MAX);
    }

    /** Two flipped bits under an ID that we expect are likelier than an unexpected ID. */
    private boolean isLikelyDamage(int id, int bytes) {
        return damage.canPretend(swap(id ^ next(last)), bytes)
                || (fromZero && damage.canPretend(swap(id), bytes));
    }

    /** A second packet with an unlikely ID, next to the first, shows that the peer counts there. */
    private boolean continuesSuspect(int id, long nowNanos) {
        return suspected && distance(suspect, id) <= forward(suspectNanos, nowNanos);
    }

    private int forward(long sinceNanos, long nowNanos) {
        long millis = Math.clamp((nowNanos - sinceNanos) / NANOS_PER_MILLI, 0, ID_MASK);
        return (int) Math.min(ID_MASK, policy.forward() + millis * policy.forwardPerMilli());
    }

    private static int distance(int from, int to) {
        return (to - from) & ID_MASK;
    }

    private static int next(int id) {
        return (id + 1) & ID_MASK;
    }

    /** IP ID to the order in which its bytes enter the CRC register, or back. */
    static int swap(int id) {
        return Short.reverseBytes((short) id) & ID_MASK;
    }
}
