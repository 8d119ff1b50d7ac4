package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Posts send requests without allocating: one operation, then its elements and flags, then
/// [#post()] or [#tryPost()].
///
/// A cursor belongs to one thread at a time; a queue pair may have many. An operation that is begun
/// and never posted leaves no trace.
///
/// Verbs name: `ibv_wr_start`, the `ibv_wr_*` family and `ibv_wr_complete`.
public interface SendCursor {

    SendCursor send(long id);

    SendCursor sendWithImmediate(long id, int immediate);

    SendCursor sendWithInvalidate(long id, int invalidateKey);

    SendCursor rdmaWrite(long id, long remoteAddress, int remoteKey);

    SendCursor rdmaWriteWithImmediate(long id, long remoteAddress, int remoteKey, int immediate);

    SendCursor rdmaRead(long id, long remoteAddress, int remoteKey);

    SendCursor compareAndSwap(long id, long remoteAddress, int remoteKey, long compare, long swap);

    SendCursor fetchAndAdd(long id, long remoteAddress, int remoteKey, long add);

    /// Writes 8 aligned bytes at once; takes no elements.
    ///
    /// Verbs name: `ibv_wr_atomic_write`.
    ///
    /// @param value the 8 bytes, in the byte order of this host
    SendCursor atomicWrite(long id, long remoteAddress, int remoteKey, long value);

    /// Has what was written before it come as far as `types` say; takes no elements.
    ///
    /// Verbs name: `ibv_wr_flush`.
    ///
    /// @param length bytes, at most 2^31
    /// @throws VerbsException `EINVAL` for a length out of range or no type
    SendCursor flush(
            long id,
            long remoteAddress,
            long length,
            int remoteKey,
            Set<PlacementType> types,
            SelectivityLevel level);

    /// Binds a window of type 2; takes no elements.
    ///
    /// @param window the window
    /// @param remoteKey its new remote key: [MemoryWindow#nextRemoteKey()] or one that differs from
    ///     it in the low 8 bits
    /// @param region what it is bound to a part of
    /// @param address first byte, in the region's address space
    /// @param length bytes
    /// @param access remote rights, and `ZERO_BASED` as wanted
    SendCursor bindMemoryWindow(
            long id,
            MemoryWindow window,
            int remoteKey,
            MemoryRegion region,
            long address,
            long length,
            Set<AccessFlag> access);

    /// Ends a window of type 2 or a fast registration of this side; takes no elements.
    SendCursor localInvalidate(long id, int key);

    /// Makes a fast registration of what was mapped last; takes no elements.
    ///
    /// @param region a region of this device that is not valid
    /// @param key its new key: the region's but for the low 8 bits
    /// @param access what it may be used for
    SendCursor registerMemory(long id, FastRegion region, int key, Set<AccessFlag> access);

    /// Says where a datagram goes; behind [#send] or [#sendWithImmediate] on a UD queue pair.
    ///
    /// @param queuePairNumber 24 bits
    /// @param queueKey as in [DatagramDestination]
    /// @throws VerbsException `EINVAL` for a handle of another context or a number out of range
    SendCursor destination(AddressHandle handle, int queuePairNumber, int queueKey);

    /// Says which shared receive queue of the target's domain a request is for; of every request of
    /// an [QueuePairType#XRC_SEND] queue pair that is carried out by the peer, and of no other.
    ///
    /// Verbs name: `ibv_wr_set_xrc_srqn`.
    ///
    /// @throws VerbsException `EINVAL` for a number of more than 24 bits
    SendCursor remoteSharedReceiveQueue(int number);

    /// Adds an element.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair's `maxSendSge` is exceeded
    SendCursor element(long address, int length, int localKey);

    /// Takes the data itself: the bytes are copied now, and the request is sent inline.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair's `maxInlineData` is exceeded
    SendCursor inlineData(MemorySegment source, long offset, int length);

    SendCursor signaled();

    SendCursor solicited();

    SendCursor fence();

    /// Says that another request follows at once: the device need not look at this one before.
    SendCursor moreToCome();

    /// Posts the request.
    ///
    /// @throws VerbsException as [QueuePair#postSend(SendWorkRequest)]
    void post();

    /// Posts the request unless the send queue is full.
    ///
    /// @return false when the queue is full (`ENOMEM`)
    /// @throws VerbsException for every other reason, as [QueuePair#postSend(SendWorkRequest)]
    boolean tryPost();
}
