package org.softverbs.soft.sanitize;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Things that are all to be done though each of them may throw, as a listener may that is told of
/// a report: what was thrown first comes out at the end.
final class Steps {

    private @Nullable Throwable first;

    private Steps() {}

    /// Does them in order.
    static void all(Runnable... steps) {
        forEach(List.of(steps), Runnable::run);
    }

    /// Does the same to each.
    static <T> void forEach(Collection<T> each, Consumer<? super T> step) {
        Steps steps = new Steps();
        for (T one : each) {
            steps.attempt(() -> step.accept(one));
        }
        steps.end();
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error thrown) {
            if (first == null) {
                first = thrown;
            }
        }
    }

    private void end() {
        switch (first) {
            case null -> {}
            case RuntimeException thrown -> throw thrown;
            case Error thrown -> throw thrown;
            default -> throw new AssertionError(first);
        }
    }
}
