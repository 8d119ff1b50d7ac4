package org.softverbs.wrong;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// The corpus: what its wrong ULPs do.
enum Mistake {
    USE_AFTER_DEREGISTRATION,
    STALE_REMOTE_KEY,
    MISSING_ACCESS_RIGHT,
    DOMAIN_MISMATCH,
    WRONG_REMOTE_ADDRESS,
    MISALIGNED_ATOMIC,
    NO_RECEIVE_POSTED,
    RECEIVE_TOO_SMALL,
    WRONG_GID,
    WRONG_PSN,
    MTU_MISMATCH,
    READ_WITHOUT_CREDIT,
    WRONG_STATE,
    UNSIGNALED_OVERFLOW,
    COMPLETION_QUEUE_TOO_SMALL,
    INLINE_TOO_BIG,
    BUFFER_REUSED_BEFORE_COMPLETION,
    WRONG_TEARDOWN_ORDER,
    EVENTS_NOT_ACKNOWLEDGED,
    USE_AFTER_DESTROY;

    /// Its name in the names of tests.
    String camelCase() {
        return Arrays.stream(name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
