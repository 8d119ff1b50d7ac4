package org.softverbs.soft.memory;

import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRight;

/// What an engine wants to do with memory.
public enum AccessRight {
    LOCAL_READ(0, false, false),
    LOCAL_WRITE(AccessFlag.LOCAL_WRITE.bit(), false, true),
    REMOTE_READ(AccessFlag.REMOTE_READ.bit(), true, false),
    REMOTE_WRITE(AccessFlag.REMOTE_WRITE.bit(), true, true),
    REMOTE_ATOMIC(AccessFlag.REMOTE_ATOMIC.bit(), true, true),
    FLUSH_GLOBAL(AccessFlag.FLUSH_GLOBAL.bit(), true, true),
    FLUSH_PERSISTENT(AccessFlag.FLUSH_PERSISTENT.bit(), true, true);

    /// The access flags that let a peer read or change bytes, as bits.
    static final int ANY_REMOTE =
            REMOTE_READ.accessBit | REMOTE_WRITE.accessBit | REMOTE_ATOMIC.accessBit;

    private final int accessBit;
    private final boolean remote;
    private final boolean write;

    AccessRight(int accessBit, boolean remote, boolean write) {
        this.accessBit = accessBit;
        this.remote = remote;
        this.write = write;
    }

    /// The access flag that the memory must have, as bit; 0 for none.
    public int accessBit() {
        return accessBit;
    }

    /// What it is in an explanation.
    public MemoryRight memoryRight() {
        return switch (this) {
            case LOCAL_READ -> MemoryRight.LOCAL_READ;
            case LOCAL_WRITE -> MemoryRight.LOCAL_WRITE;
            case REMOTE_READ -> MemoryRight.REMOTE_READ;
            case REMOTE_WRITE -> MemoryRight.REMOTE_WRITE;
            case REMOTE_ATOMIC -> MemoryRight.REMOTE_ATOMIC;
            case FLUSH_GLOBAL -> MemoryRight.FLUSH_GLOBAL;
            case FLUSH_PERSISTENT -> MemoryRight.FLUSH_PERSISTENT;
        };
    }

    /// Whether the access is made for a peer.
    public boolean isRemote() {
        return remote;
    }

    /// Whether bytes may change.
    public boolean isWrite() {
        return write;
    }
}
