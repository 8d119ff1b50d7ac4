package org.softverbs.conformance;

import java.util.List;
import java.util.Set;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// Makes requests that have some flags in common.
///
/// @param flags of each
public record Requests(Set<SendFlag> flags) {

    /// Give a completion.
    public static final Requests SIGNALED = new Requests(Set.of(SendFlag.SIGNALED));

    /// Give a completion when they fail.
    public static final Requests UNSIGNALED = new Requests(Set.of());

    /// Ask for an event at the peer.
    public static final Requests SOLICITED =
            new Requests(Set.of(SendFlag.SIGNALED, SendFlag.SOLICITED));

    /// Take the data with them.
    public static final Requests INLINE = new Requests(Set.of(SendFlag.SIGNALED, SendFlag.INLINE));

    public SendWorkRequest send(long id, Sge... elements) {
        return new SendWorkRequest.Send(id, List.of(elements), flags);
    }

    public SendWorkRequest sendWithImmediate(long id, int immediate, Sge... elements) {
        return new SendWorkRequest.SendWithImmediate(id, List.of(elements), immediate, flags);
    }

    public SendWorkRequest sendWithInvalidate(long id, int key, Sge... elements) {
        return new SendWorkRequest.SendWithInvalidate(id, List.of(elements), key, flags);
    }

    public SendWorkRequest write(long id, Sge from, long address, int key) {
        return new SendWorkRequest.RdmaWrite(id, List.of(from), address, key, flags);
    }

    public SendWorkRequest write(long id, Sge from, Buffer to) {
        return write(id, from, to.address(), to.key());
    }

    public SendWorkRequest writeWithImmediate(
            long id, Sge from, long address, int key, int immediate) {
        return new SendWorkRequest.RdmaWriteWithImmediate(
                id, List.of(from), address, key, immediate, flags);
    }

    public SendWorkRequest read(long id, Sge into, long address, int key) {
        return new SendWorkRequest.RdmaRead(id, List.of(into), address, key, flags);
    }

    public SendWorkRequest read(long id, Sge into, Buffer from) {
        return read(id, into, from.address(), from.key());
    }

    public SendWorkRequest fetchAndAdd(long id, Sge into, long address, int key, long add) {
        return new SendWorkRequest.FetchAndAdd(id, List.of(into), address, key, add, flags);
    }

    public SendWorkRequest compareAndSwap(
            long id, Sge into, long address, int key, long compare, long swap) {
        return new SendWorkRequest.CompareAndSwap(
                id, List.of(into), address, key, compare, swap, flags);
    }

    /// Binds a window of type 2 by its next key.
    public SendWorkRequest bind(long id, MemoryWindow window, MemoryWindowBinding binding) {
        return bind(id, window, window.nextRemoteKey(), binding);
    }

    public SendWorkRequest bind(
            long id, MemoryWindow window, int key, MemoryWindowBinding binding) {
        return new SendWorkRequest.BindMemoryWindow(id, window, key, binding, flags);
    }

    public SendWorkRequest invalidate(long id, int key) {
        return new SendWorkRequest.LocalInvalidate(id, key, flags);
    }
}
