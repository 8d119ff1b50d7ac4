package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;

/// A registration that lasts until its user ends it: a range of addresses with one set of rights.
/// Windows may be bound to parts of it.
public sealed interface RegionMemory extends KeyedMemory
        permits RegisteredMemory, PageableMemory, DmaMemory {

    /// Number of the protection domain.
    int domain();

    /// First byte in the key's address space.
    long address();

    /// Bytes, unsigned.
    long size();

    /// Granted [org.softverbs.verbs.AccessFlag]s.
    int accessBits();

    /// The same memory in another domain or with other rights.
    RegionMemory changed(int newDomain, int newAccessBits);

    /// Finds bytes without looking at key, domain and rights.
    AccessResult bytes(long first, long length, boolean write, RunList runs);

    @Override
    default AccessResult resolve(
            Accessor who, long first, long length, AccessRight right, RunList runs) {
        if (who.domain() != domain()) {
            return AccessResult.WRONG_DOMAIN;
        }
        if ((accessBits() & right.accessBit()) != right.accessBit()) {
            return AccessResult.MISSING_RIGHT;
        }
        return bytes(first, length, right.isWrite(), runs);
    }

    @Override
    default AccessResult resolveAll(Accessor who, AccessRight right, RunList runs) {
        return size() < 0
                ? AccessResult.OUT_OF_BOUNDS
                : resolve(who, address(), size(), right, runs);
    }

    /// Whether a range lies inside. Compared unsigned and never added: nothing can wrap.
    default boolean contains(long first, long length) {
        return isInside(first - address(), length, size());
    }

    /// Whether a range at an offset lies inside a size.
    static boolean isInside(long offset, long length, long size) {
        return Long.compareUnsigned(offset, size) <= 0
                && Long.compareUnsigned(length, size - offset) <= 0;
    }

    /// Only the user ends a registration.
    @Override
    default AccessResult invalidate(Accessor who) {
        return who.domain() == domain()
                ? AccessResult.NOT_INVALIDATABLE
                : AccessResult.WRONG_DOMAIN;
    }

    @Override
    default AccessResult invalidateLocally(Accessor who) {
        return invalidate(who);
    }

    @Override
    default KeyFacts facts() {
        return new KeyFacts(
                KeyState.IN_USE, address(), size(), AccessFlag.setOf(accessBits()), domain());
    }
}
