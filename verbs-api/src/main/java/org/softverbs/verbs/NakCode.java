package org.softverbs.verbs;

/// What a NAK says: the lower five bits of its AETH syndrome.
public enum NakCode {
    PSN_SEQUENCE_ERROR("PSN sequence error"),
    INVALID_REQUEST("invalid request"),
    REMOTE_ACCESS_ERROR("remote access error"),
    REMOTE_OPERATIONAL_ERROR("remote operational error"),
    INVALID_RD_REQUEST("invalid RD request"),
    RESERVED("reserved NAK code");

    private static final int CODE_MASK = 0x1f;
    private static final NakCode[] ALL = values();

    private final String description;

    NakCode(String description) {
        this.description = description;
    }

    /// The code of an AETH syndrome.
    public static NakCode of(int syndrome) {
        return ALL[Math.min(syndrome & CODE_MASK, ALL.length - 1)];
    }

    /// What it is called.
    public String description() {
        return description;
    }
}
