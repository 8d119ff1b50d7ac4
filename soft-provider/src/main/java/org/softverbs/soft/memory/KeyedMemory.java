package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.KeyFacts;

/// What a key stands for. Whoever asks has given the whole key already.
///
/// Changed and read by the device's owner only.
public sealed interface KeyedMemory permits RegionMemory, FastMemory, WindowMemory, LocalDmaMemory {

    /// The 32-bit key that opens it now.
    int key();

    /// Resolves a range as [MemoryAccess#resolve].
    AccessResult resolve(Accessor who, long address, long length, AccessRight right, RunList runs);

    /// Resolves all of it as [MemoryAccess#resolveAll].
    AccessResult resolveAll(Accessor who, AccessRight right, RunList runs);

    /// Ends it for the peer of a queue pair (SEND with invalidate).
    ///
    /// @return `GRANTED` when the key can no longer be used, else why it was left alone
    AccessResult invalidate(Accessor who);

    /// Ends it for a request of a queue pair of this side. What is ended already may be ended
    /// again.
    ///
    /// @return `GRANTED` when the key cannot be used now, else why it was left alone
    AccessResult invalidateLocally(Accessor who);

    /// What it opens now, for an explanation.
    KeyFacts facts();
}
