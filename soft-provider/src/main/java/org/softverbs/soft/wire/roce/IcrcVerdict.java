package org.softverbs.soft.wire.roce;

/** What {@link IcrcVerifier} found. */
public enum IcrcVerdict {
    /** All 32 bits match. */
    EXACT(true),
    /** They match for another IP ID, one that the peer may well have used by now. */
    SOLVED(true),
    /** They match for an IP ID that the peer is unlikely to have used: dropped, noted. */
    UNLIKELY_ID(false),
    /** They match for no IP ID. */
    MISMATCH(false);

    private final boolean accepted;

    IcrcVerdict(boolean accepted) {
        this.accepted = accepted;
    }

    /** Whether the packet may be used. */
    public boolean accepted() {
        return accepted;
    }
}
