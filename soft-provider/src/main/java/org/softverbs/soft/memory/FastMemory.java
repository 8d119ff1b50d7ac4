package org.softverbs.soft.memory;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;

/// A fast registration. Requests of the send queue make it valid and invalid; what it opens is the
/// mapping that was there when it was registered.
public final class FastMemory implements KeyedMemory {

    private final int domain;
    private final AddressedMemory memory;
    private volatile int key;
    private volatile FastRegionState state = FastRegionState.FREE;
    private volatile @Nullable RegionMapping next;
    private @Nullable RegionMapping mapping;
    private long address;
    private int accessBits;

    /// @param domain number of the protection domain
    /// @param memory what the device sees
    /// @param key its first key
    public FastMemory(int domain, AddressedMemory memory, int key) {
        this.domain = domain;
        this.memory = memory;
        this.key = key;
    }

    @Override
    public int key() {
        return key;
    }

    /// Any thread.
    public FastRegionState state() {
        return state;
    }

    /// The key that it is valid under. Any thread.
    public OptionalInt validKey() {
        // The key is written before the state.
        return state == FastRegionState.VALID ? OptionalInt.of(key) : OptionalInt.empty();
    }

    /// Sets what the next registration makes valid. Any thread.
    public void map(RegionMapping newMapping) {
        next = newMapping;
    }

    AccessResult register(Accessor who, int newKey, int bits) {
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if (state == FastRegionState.VALID) {
            return AccessResult.ALREADY_VALID;
        }
        RegionMapping mapped = next;
        if (mapped == null) {
            return AccessResult.NOTHING_MAPPED;
        }
        mapping = mapped;
        address = (bits & AccessFlag.ZERO_BASED.bit()) == 0 ? mapped.address() : 0;
        accessBits = bits;
        key = newKey;
        state = FastRegionState.VALID;
        return AccessResult.GRANTED;
    }

    @Override
    public AccessResult resolve(
            Accessor who, long first, long length, AccessRight right, RunList runs) {
        RegionMapping valid = mapping;
        if (valid == null) {
            return AccessResult.NOT_VALID;
        }
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if ((accessBits & right.accessBit()) != right.accessBit()) {
            return AccessResult.MISSING_RIGHT;
        }
        long offset = first - address;
        return RegionMemory.isInside(offset, length, valid.length())
                ? valid.resolve(memory, offset, length, right.isWrite(), runs)
                : AccessResult.OUT_OF_BOUNDS;
    }

    @Override
    public AccessResult resolveAll(Accessor who, AccessRight right, RunList runs) {
        RegionMapping valid = mapping;
        return valid == null
                ? AccessResult.NOT_VALID
                : resolve(who, address, valid.length(), right, runs);
    }

    @Override
    public AccessResult invalidate(Accessor who) {
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if (mapping == null) {
            return AccessResult.NOT_VALID;
        }
        return (accessBits & AccessRight.ANY_REMOTE) == 0
                ? AccessResult.MISSING_RIGHT
                : invalidateLocally(who);
    }

    @Override
    public AccessResult invalidateLocally(Accessor who) {
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if (mapping != null) {
            mapping = null;
            state = FastRegionState.INVALID;
        }
        return AccessResult.GRANTED;
    }

    @Override
    public KeyFacts facts() {
        RegionMapping valid = mapping;
        return valid == null
                ? KeyFacts.nothing(KeyState.IN_USE)
                : new KeyFacts(
                        KeyState.IN_USE,
                        address,
                        valid.length(),
                        AccessFlag.setOf(accessBits),
                        domain);
    }
}
