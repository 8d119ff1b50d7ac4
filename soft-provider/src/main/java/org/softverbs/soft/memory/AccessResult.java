package org.softverbs.soft.memory;

import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.AccessRefusal;

/// Whether an access was granted, and if not, why.
public enum AccessResult {
    GRANTED(null),
    UNKNOWN_KEY(AccessRefusal.UNKNOWN_KEY),
    WRONG_DOMAIN(AccessRefusal.WRONG_DOMAIN),
    MISSING_RIGHT(AccessRefusal.MISSING_RIGHT),
    OUT_OF_BOUNDS(AccessRefusal.OUT_OF_BOUNDS),
    MEMORY_GONE(AccessRefusal.MEMORY_GONE),
    NOT_INVALIDATABLE(AccessRefusal.NOT_INVALIDATABLE),
    NOT_VALID(AccessRefusal.NOT_VALID),
    ALREADY_VALID(AccessRefusal.ALREADY_VALID),
    NOTHING_MAPPED(AccessRefusal.NOTHING_MAPPED),
    STILL_BOUND(AccessRefusal.STILL_BOUND),
    EMPTY_WINDOW(AccessRefusal.EMPTY_WINDOW),
    ZERO_BASED(AccessRefusal.ZERO_BASED),
    WRONG_QUEUE_PAIR(AccessRefusal.WRONG_QUEUE_PAIR),
    LOCAL_KEY(AccessRefusal.LOCAL_KEY),
    NOT_PRIVILEGED(AccessRefusal.NOT_PRIVILEGED),
    NOT_MAPPED(AccessRefusal.NOT_MAPPED),
    NO_DEVICE_READ(AccessRefusal.NO_DEVICE_READ),
    NO_DEVICE_WRITE(AccessRefusal.NO_DEVICE_WRITE),
    NO_MEMORY(AccessRefusal.NO_MEMORY),
    UNREACHABLE(AccessRefusal.UNREACHABLE),
    PRIVATE_MEMORY(AccessRefusal.PRIVATE_MEMORY);

    private final @Nullable AccessRefusal refusal;

    AccessResult(@Nullable AccessRefusal refusal) {
        this.refusal = refusal;
    }

    /// Why it was not granted.
    ///
    /// @throws IllegalStateException for `GRANTED`
    public AccessRefusal refusal() {
        AccessRefusal value = refusal;
        if (value == null) {
            throw new IllegalStateException("the access was granted");
        }
        return value;
    }

    /// What it is in a sentence.
    public String reason() {
        return this == GRANTED ? "granted" : refusal().reason();
    }
}
