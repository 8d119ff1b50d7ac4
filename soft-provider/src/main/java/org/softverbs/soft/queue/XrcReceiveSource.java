package org.softverbs.soft.queue;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The receives of the target of an extended reliable connection: each message names the queue that
/// its receive comes from, and that is taken out when the message begins.
public final class XrcReceiveSource implements ReceiveSource {

    private @Nullable SharedReceives named;
    private @Nullable SharedReceiveSource source;

    /// The requests from now on are for a queue.
    public void select(SharedReceives queue) {
        if (queue != named) {
            named = queue;
            source = new SharedReceiveSource(queue);
        }
    }

    /// Whether the last request was for a queue.
    public boolean isSelected(SharedReceives queue) {
        return queue == named;
    }

    /// Forgets a queue that is closed, and what was taken from it.
    public void forget(SharedReceives queue) {
        if (queue == named) {
            named = null;
            source = null;
        }
    }

    private SharedReceiveSource source() {
        return Objects.requireNonNull(source);
    }

    @Override
    public boolean isEmpty() {
        return source == null || source.isEmpty();
    }

    @Override
    public ReceiveWqe current() {
        return source().current();
    }

    @Override
    public long room() {
        return source().room();
    }

    @Override
    public long position() {
        return source == null ? 0 : source.position();
    }

    @Override
    public void finish() {
        source().finish();
    }

    @Override
    public boolean isOwning() {
        return source != null && source.isOwning();
    }

    @Override
    public @Nullable SharedReceives shared() {
        return named;
    }

    /// Its queues are not its own: that it takes no more is nothing to them.
    @Override
    public boolean tellsLast() {
        return false;
    }

    @Override
    public void clear() {
        if (source != null) {
            source.clear();
        }
    }
}
