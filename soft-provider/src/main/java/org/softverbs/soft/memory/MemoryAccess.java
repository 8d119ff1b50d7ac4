package org.softverbs.soft.memory;

import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;
import org.softverbs.verbs.MemoryRight;

/// The only way from a protocol engine to memory: a key, an address, a length and a right give the
/// runs of bytes, or a refusal with its reason. Requests that change what a key opens go this way
/// too.
public interface MemoryAccess {

    /// Resolves a range.
    ///
    /// @param who the queue pair that asks
    /// @param key local or remote key
    /// @param address first byte, in the key's address space
    /// @param length number of bytes, at least 1
    /// @param right what the bytes are wanted for
    /// @param runs where the runs are added; unchanged when the access is refused
    AccessResult resolve(
            Accessor who, int key, long address, long length, AccessRight right, RunList runs);

    /// Resolves all that a key opens.
    ///
    /// @param runs where the runs are added; unchanged when the access is refused
    /// @return as [#resolve]; `OUT_OF_BOUNDS` too for what has no end: an implicit registration or
    ///     one of all addresses of the device
    AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs);

    /// Invalidates a key for a peer (SEND with invalidate).
    ///
    /// @return `GRANTED` when the key can no longer be used, else why it was left alone
    AccessResult invalidate(Accessor who, int key);

    /// Invalidates a key for a request of this side (LOCAL_INV).
    ///
    /// @return `GRANTED` when the key cannot be used now, else why it was left alone
    AccessResult invalidateLocally(Accessor who, int key);

    /// Binds a memory window (BIND_MW).
    ///
    /// @param key its new key: all but the low 8 bits say which window
    /// @param regionKey local key of the region; 0 for none
    /// @param address first byte, in the region's address space
    /// @param length bytes
    /// @param accessBits rights of the window
    /// @return `GRANTED`, or why the window was left as it was
    AccessResult bind(
            Accessor who, int key, int regionKey, long address, long length, int accessBits);

    /// Makes a fast registration valid (REG_MR).
    ///
    /// @param key its new key: all but the low 8 bits say which region
    /// @param accessBits rights
    /// @return `GRANTED`, or why the region was left as it was
    AccessResult register(Accessor who, int key, int accessBits);

    /// What is known of a key now, for an explanation.
    default KeyFacts facts(int key) {
        return KeyFacts.nothing(KeyState.UNKNOWN);
    }

    /// Describes a refusal, at once: the key may be another's a moment later.
    ///
    /// @param length bytes that were wanted; 0 when the key alone was
    default Cause.MemoryRefused refused(
            AccessResult result,
            Accessor who,
            MemoryRight right,
            int key,
            long address,
            long length) {
        Cause.MemoryRefused refused =
                new Cause.MemoryRefused(
                        result.refusal(), right, key, address, length, who.domain(), facts(key));
        FlightEvents.memoryRefused(who.queuePair(), refused);
        return refused;
    }
}
