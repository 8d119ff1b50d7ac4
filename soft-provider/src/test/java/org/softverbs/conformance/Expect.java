package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// How calls are refused.
final class Expect {

    /// The decision on rows that destroy what a garbled handle names.
    static final String CLOSED_TWICE =
            "a closed handle stands for the garbled one: closing again does nothing";

    /// The decision on rows that use what a garbled handle names.
    static final String CLOSED_USED =
            "a closed handle stands for the garbled one: IllegalStateException at once";

    private Expect() {}

    /// The verb is refused with an error number.
    static void refused(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(errno));
    }

    /// What is used was closed.
    static void closed(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }
}
