package org.softverbs.sim;

import java.util.function.Supplier;

/// What ought to hold at all times does not.
public final class InvariantViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    /// @param invariant its number, such as `T1`
    /// @param message what was seen, and what should have been
    public InvariantViolation(String invariant, String message) {
        super(invariant + ": " + message);
        this.invariant = invariant;
    }

    /// Its number, such as `T1`; `docs/invariants.md` says what it promises.
    public String invariant() {
        return invariant;
    }

    /// Throws unless something holds.
    ///
    /// @param message made only when it does not
    public static void require(boolean holds, String invariant, Supplier<String> message) {
        if (!holds) {
            throw new InvariantViolation(invariant, message.get());
        }
    }
}
