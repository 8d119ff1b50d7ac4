package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;

/// What the local DMA key stands for: all memory that the device reaches, for local access by
/// kernel code. No peer gets in by it, and nothing ends it.
///
/// Source: the reserved L_Key of the InfiniBand specification, the STag of zero of
/// draft-hilland-rddp-verbs; that it never matches a remote access is not so in Linux rdmavt.
///
/// @param key the local DMA key, or 0 where that is the same
/// @param memory what the device sees
record LocalDmaMemory(int key, AddressedMemory memory) implements KeyedMemory {

    @Override
    public AccessResult resolve(
            Accessor who, long address, long length, AccessRight right, RunList runs) {
        if (right.isRemote()) {
            return AccessResult.LOCAL_KEY;
        }
        if (!who.privileged()) {
            return AccessResult.NOT_PRIVILEGED;
        }
        return memory.resolve(address, length, right.isWrite(), runs);
    }

    @Override
    public AccessResult resolveAll(Accessor who, AccessRight right, RunList runs) {
        return right.isRemote() ? AccessResult.LOCAL_KEY : AccessResult.OUT_OF_BOUNDS;
    }

    @Override
    public AccessResult invalidate(Accessor who) {
        return AccessResult.LOCAL_KEY;
    }

    @Override
    public AccessResult invalidateLocally(Accessor who) {
        return AccessResult.LOCAL_KEY;
    }

    @Override
    public KeyFacts facts() {
        return KeyFacts.nothing(KeyState.IN_USE);
    }
}
