package org.softverbs.soft.device;

import java.util.LinkedHashSet;
import java.util.Set;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The open objects that were made from another, which cannot be closed before them.
final class Children {

    private static final int MOST_LISTED = 8;

    private final Set<Object> open = new LinkedHashSet<>();

    synchronized void add(Object child) {
        open.add(child);
    }

    synchronized void remove(Object child) {
        open.remove(child);
    }

    /// @throws VerbsException `EBUSY` when there are any
    synchronized void requireNone(String verb) {
        if (open.isEmpty()) {
            return;
        }
        StringBuilder list = new StringBuilder();
        int listed = 0;
        for (Object child : open) {
            if (listed == MOST_LISTED) {
                list.append(", ...");
                break;
            }
            list.append(listed++ == 0 ? "" : ", ").append(child);
        }
        throw new VerbsException(Errno.EBUSY, verb, open.size() + " still open: " + list);
    }
}
