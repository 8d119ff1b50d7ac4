package org.softverbs.soft.device;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// The open objects that were made from another, which cannot be closed before them.
///
/// To see that there are none and to take no more is one step: an object that is made at the same
/// time either keeps its parent open or is not made.
final class Children {

    private static final int MOST_LISTED = 8;

    private final Object parent;
    private final Set<Object> open = new LinkedHashSet<>();
    private boolean closed;

    Children(Object parent) {
        this.parent = parent;
    }

    /// @throws IllegalStateException when the parent was closed
    synchronized void add(Object child) {
        if (closed) {
            throw new IllegalStateException(parent + " is closed");
        }
        open.add(child);
    }

    /// Adds a child to several parents, or to none of them.
    ///
    /// @throws IllegalStateException when one of them was closed
    static void addToAll(Object child, Children... parents) {
        int added = 0;
        try {
            for (Children parent : parents) {
                parent.add(child);
                added++;
            }
        } catch (IllegalStateException late) {
            for (int i = 0; i < added; i++) {
                parents[i].remove(child);
            }
            throw late;
        }
    }

    synchronized void remove(Object child) {
        open.remove(child);
    }

    /// Those that are open now, in the order in which they were made.
    synchronized List<Object> list() {
        return List.copyOf(open);
    }

    synchronized int size() {
        return open.size();
    }

    /// Takes no more children from now on.
    ///
    /// @return false when that was so before
    /// @throws VerbsException `EBUSY` when there are any; nothing changed
    synchronized boolean closeIfNone(String verb) {
        if (closed) {
            return false;
        }
        if (!open.isEmpty()) {
            throw new VerbsException(
                    Errno.EBUSY,
                    verb,
                    open.size() + " still open: " + firstOnes(),
                    Explanation.of(
                            new VerbCause.StillInUse(
                                    parent.toString(),
                                    open.stream().map(Object::toString).toList())));
        }
        closed = true;
        return true;
    }

    private String firstOnes() {
        StringBuilder list = new StringBuilder();
        int listed = 0;
        for (Object child : open) {
            if (listed == MOST_LISTED) {
                list.append(", ...");
                break;
            }
            list.append(listed++ == 0 ? "" : ", ").append(child);
        }
        return list.toString();
    }
}
