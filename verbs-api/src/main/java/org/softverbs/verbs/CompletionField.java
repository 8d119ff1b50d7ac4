package org.softverbs.verbs;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// What a completion queue is asked to keep of each completion, beyond number, status and opcode.
///
/// Verbs name: `IBV_WC_EX_WITH_*`.
public enum CompletionField {
    BYTE_LENGTH(1),
    IMMEDIATE(1 << 1),
    QUEUE_PAIR_NUMBER(1 << 2),
    SOURCE_QUEUE_PAIR(1 << 3),
    /// When it was added, by the device's clock.
    COMPLETION_TIMESTAMP(1 << 7),
    /// When it was added, by the clock on the wall.
    COMPLETION_WALL_CLOCK(1 << 11);

    private static final Set<CompletionField> STANDARD =
            Collections.unmodifiableSet(
                    EnumSet.of(BYTE_LENGTH, IMMEDIATE, QUEUE_PAIR_NUMBER, SOURCE_QUEUE_PAIR));

    private final int bit;

    CompletionField(int bit) {
        this.bit = bit;
    }

    /// The value of this flag in the C enumeration.
    public int bit() {
        return bit;
    }

    /// Those that a queue keeps unless it is told otherwise (`IBV_WC_STANDARD_FLAGS`).
    public static Set<CompletionField> standard() {
        return STANDARD;
    }
}
