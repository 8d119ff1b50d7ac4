package org.softverbs.sim;

import java.util.function.Supplier;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What a program does that cannot go on without something: asks again.
public final class Scarce {

    private static final int MOST = 1000;

    private Scarce() {}

    /// Asks until the host has it.
    ///
    /// @throws VerbsException when it is refused for another reason than `ENOMEM`
    public static <T> T until(Supplier<T> allocation) {
        for (int i = 0; i < MOST; i++) {
            try {
                return allocation.get();
            } catch (VerbsException scarce) {
                if (scarce.errno() != Errno.ENOMEM) {
                    throw scarce;
                }
            }
        }
        throw new IllegalStateException("refused " + MOST + " times");
    }
}
