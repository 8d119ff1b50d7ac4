package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;

/// A user's registration. Local and remote key are the same number, as with rxe.
final class SoftMemoryRegion extends Resource implements MemoryRegion {

    private final SoftProtectionDomain domain;
    private final MemorySegment segment;
    private final long address;
    private final int key;
    private final Set<AccessFlag> access;
    private final boolean mapped;

    /// @param domain what it belongs to
    /// @param segment its bytes
    /// @param address where it starts
    /// @param key local and remote key
    /// @param access what it may be used for
    /// @param mapped whether its address is one of the host's
    SoftMemoryRegion(
            SoftProtectionDomain domain,
            MemorySegment segment,
            long address,
            int key,
            Set<AccessFlag> access,
            boolean mapped) {
        this.domain = domain;
        this.segment = segment;
        this.address = address;
        this.key = key;
        this.access = Set.copyOf(access);
        this.mapped = mapped;
    }

    /// Whether its address is one of the host's, given back with it.
    boolean isMapped() {
        return mapped;
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long length() {
        return segment.byteSize();
    }

    @Override
    public int localKey() {
        return key;
    }

    @Override
    public int remoteKey() {
        return key;
    }

    @Override
    public Set<AccessFlag> access() {
        return access;
    }

    @Override
    public void close() {
        if (markClosed()) {
            domain.deregister(this);
        }
    }

    @Override
    public String toString() {
        return "memory region 0x" + Integer.toHexString(key);
    }
}
