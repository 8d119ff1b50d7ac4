package org.softverbs.soft.sanitize;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/// Is queued when nobody can close a handle any more.
public final class LostHandle extends PhantomReference<Object> {

    private final Runnable whenLost;

    /// @param handle what is to be closed
    /// @param whenLost reports it, unless it was closed
    LostHandle(Object handle, ReferenceQueue<Object> queue, Runnable whenLost) {
        super(handle, queue);
        this.whenLost = whenLost;
    }

    void lost() {
        whenLost.run();
    }
}
