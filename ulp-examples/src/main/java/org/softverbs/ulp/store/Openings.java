package org.softverbs.ulp.store;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/// What was opened so far, to be closed in reverse: at its end, or when the next thing fails.
final class Openings implements AutoCloseable {

    private final ArrayDeque<Runnable> ends = new ArrayDeque<>();

    Openings() {}

    /// Keeps what was opened.
    ///
    /// @return the same
    <T> T add(T opened, Consumer<? super T> close) {
        ends.push(() -> close.accept(opened));
        return opened;
    }

    /// Closes everything, also when one of them fails to close.
    ///
    /// @throws RuntimeException the first failure
    @Override
    public void close() {
        Runnable end = ends.poll();
        if (end == null) {
            return;
        }
        try {
            end.run();
        } finally {
            close();
        }
    }

    /// Closes everything after a failure, which the others that this meets are told with.
    void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException another) {
            failure.addSuppressed(another);
        }
    }
}
