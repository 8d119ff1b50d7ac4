package org.softverbs.verbs;

/// A part of a memory region that a peer may reach by a key of its own, as long as it is bound.
///
/// Verbs name: `ibv_mw` / `ib_mw`.
public interface MemoryWindow extends AutoCloseable {

    ProtectionDomain protectionDomain();

    MemoryWindowType type();

    /// The key that it was bound with last (`rkey`). Before the first bind it opens nothing.
    int remoteKey();

    /// A key to bind it with next: [#remoteKey()] with its low 8 bits counted up (`ibv_inc_rkey`).
    default int nextRemoteKey() {
        return (remoteKey() & ~0xff) | ((remoteKey() + 1) & 0xff);
    }

    /// Gives the window back, bound or not. When this returns nobody reaches memory through it.
    @Override
    void close();
}
