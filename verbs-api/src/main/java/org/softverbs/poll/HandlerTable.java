package org.softverbs.poll;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The handlers of a queue by the ids of their requests. A look-up takes no lock.
final class HandlerTable {

    private static final int FIRST_SIZE = 16;

    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private volatile @Nullable CompletionHandler[] handlers =
            new @Nullable CompletionHandler[FIRST_SIZE];
    private int used;

    synchronized long add(CompletionHandler handler) {
        Integer freed = free.poll();
        int at = freed == null ? used++ : freed;
        @Nullable CompletionHandler[] copy =
                Arrays.copyOf(handlers, at < handlers.length ? handlers.length : 2 * at);
        copy[at] = handler;
        handlers = copy;
        return at;
    }

    synchronized void remove(long id) {
        if (find(id) == null) {
            throw new IllegalArgumentException("no handler has the id " + id);
        }
        @Nullable CompletionHandler[] copy = handlers.clone();
        copy[(int) id] = null;
        handlers = copy;
        free.add((int) id);
    }

    @Nullable CompletionHandler find(long id) {
        @Nullable CompletionHandler[] now = handlers;
        return id >= 0 && id < now.length ? now[(int) id] : null;
    }
}
