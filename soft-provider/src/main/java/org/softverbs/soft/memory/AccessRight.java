package org.softverbs.soft.memory;

import org.softverbs.verbs.AccessFlag;

/// What an engine wants to do with memory.
public enum AccessRight {
    LOCAL_READ(0, false),
    LOCAL_WRITE(AccessFlag.LOCAL_WRITE.bit(), false),
    REMOTE_READ(AccessFlag.REMOTE_READ.bit(), true),
    REMOTE_WRITE(AccessFlag.REMOTE_WRITE.bit(), true),
    REMOTE_ATOMIC(AccessFlag.REMOTE_ATOMIC.bit(), true);

    private final int accessBit;
    private final boolean remote;

    AccessRight(int accessBit, boolean remote) {
        this.accessBit = accessBit;
        this.remote = remote;
    }

    /// The access flag that the memory must have, as bit; 0 for none.
    public int accessBit() {
        return accessBit;
    }

    /// Whether the access is made for a peer.
    public boolean isRemote() {
        return remote;
    }
}
