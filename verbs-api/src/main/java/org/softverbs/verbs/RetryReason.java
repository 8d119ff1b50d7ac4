package org.softverbs.verbs;

/// Why a request was sent again for the last time.
public enum RetryReason {
    /// No acknowledgement came in time.
    TIMEOUT("no acknowledgement came"),
    /// The peer missed packets before the ones it got.
    SEQUENCE_NAK("the peer missed packets"),
    /// A later response showed that an earlier one was lost.
    LOST_RESPONSE("responses were lost");

    private final String description;

    RetryReason(String description) {
        this.description = description;
    }

    /// What it is in a sentence.
    public String description() {
        return description;
    }
}
