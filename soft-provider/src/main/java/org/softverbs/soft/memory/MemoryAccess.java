package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// The only way from a protocol engine to memory: a key, an address, a length and a right give the
/// runs of bytes, or a refusal with its reason.
public interface MemoryAccess {

    /// Resolves a range.
    ///
    /// @param domain number of the protection domain of the queue pair that asks
    /// @param key local or remote key
    /// @param address first byte, in the key's address space
    /// @param length number of bytes, at least 1
    /// @param right what the bytes are wanted for
    /// @param runs where the runs are added; unchanged when the access is refused
    AccessResult resolve(
            int domain, int key, long address, long length, AccessRight right, RunList runs);

    /// Invalidates a key for a peer (SEND with invalidate).
    ///
    /// @return `GRANTED` when the key can no longer be used, else why it was left alone
    AccessResult invalidate(int domain, int key);
}
