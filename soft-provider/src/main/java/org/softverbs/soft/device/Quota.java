package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// How many objects of one kind a device has, and may have. Any thread.
final class Quota {

    private final String verb;
    private final int limit;
    private final AtomicInteger count = new AtomicInteger();

    /// @param verb which makes them
    /// @param limit most at a time
    Quota(String verb, int limit) {
        this.verb = verb;
        this.limit = limit;
    }

    /// Makes one more, and tells its parents. When it cannot be made, for want of memory too, or a
    /// parent was closed meanwhile, there is none more.
    ///
    /// @param numbers where its number comes from
    /// @throws VerbsException `ENOMEM` at the limit
    <T> T make(AtomicInteger numbers, IntFunction<T> maker, Children... parents) {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            throw new VerbsException(
                    Errno.ENOMEM, verb, "the device's limit of " + limit + " is reached");
        }
        try {
            T made = maker.apply(numbers.getAndIncrement());
            Children.addToAll(made, parents);
            return made;
        } catch (RuntimeException | OutOfMemoryError refused) {
            count.decrementAndGet();
            throw refused;
        }
    }

    /// One is gone.
    void release() {
        count.decrementAndGet();
    }
}
