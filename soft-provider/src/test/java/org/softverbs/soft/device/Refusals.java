package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What a refused verb must say.
final class Refusals {

    private Refusals() {}

    /// The verb throws a [VerbsException] with this errno, and its message has all the parts.
    static void refused(Errno errno, ThrowingCallable verb, String... parts) {
        assertThatThrownBy(verb)
                .isInstanceOfSatisfying(
                        VerbsException.class, thrown -> assertThat(thrown.errno()).isEqualTo(errno))
                .hasMessageContainingAll(parts);
    }
}
