package org.softverbs.fuzz;

import java.util.function.Supplier;

/// What must hold for any input does not hold for this one.
final class Breach extends AssertionError {

    private static final long serialVersionUID = 1;

    private Breach(String message) {
        super(message);
    }

    static void unless(boolean holds, String promise) {
        if (!holds) {
            throw new Breach(promise);
        }
    }

    static void unless(boolean holds, Supplier<String> promise) {
        if (!holds) {
            throw new Breach(promise.get());
        }
    }
}
