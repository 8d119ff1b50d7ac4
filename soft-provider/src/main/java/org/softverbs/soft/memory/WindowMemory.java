package org.softverbs.soft.memory;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;
import org.softverbs.verbs.MemoryWindowType;

/// A memory window: bound to a part of a region, or to nothing.
///
/// Source: InfiniBand specification 10.6.7.2 with compliance statements C10-72 to C10-75 and
/// o10-36.2.2 to o10-37.2.40, as Linux rxe (`rxe_mw.c`) cites them. Its bounds are the window's:
/// rxe opens the whole region.
public final class WindowMemory implements KeyedMemory {

    private static final int REMOTE_CHANGE =
            AccessFlag.REMOTE_WRITE.bit() | AccessFlag.REMOTE_ATOMIC.bit();

    private final MemoryWindowType type;
    private final int domain;
    private final boolean rangesUnchecked;
    private final boolean atomicsRefused;
    private volatile int key;
    private @Nullable RegionMemory region;
    private int queuePair;
    private long regionAddress;
    private long address;
    private long windowSize;
    private int accessBits;

    /// Of a device that deviates in nothing.
    ///
    /// @param type how it is bound
    /// @param domain number of the protection domain
    /// @param key its first key, which opens nothing
    public WindowMemory(MemoryWindowType type, int domain, int key) {
        this(type, domain, key, DeviceProfile.standard());
    }

    /// @param type how it is bound
    /// @param domain number of the protection domain
    /// @param key its first key, which opens nothing
    /// @param profile what its device does otherwise than others
    public WindowMemory(MemoryWindowType type, int domain, int key, DeviceProfile profile) {
        this.rangesUnchecked = profile.has(Deviation.WINDOW_RANGES_UNCHECKED);
        this.atomicsRefused = profile.has(Deviation.WINDOW_ATOMICS_REFUSED);
        this.type = type;
        this.domain = domain;
        this.key = key;
    }

    /// The key of the newest binding. Any thread.
    @Override
    public int key() {
        return key;
    }

    boolean isBoundTo(RegionMemory memory) {
        return memory.equals(region);
    }

    /// Whether it is of type 2 and bound on a queue pair.
    boolean isBoundOn(int number) {
        return type == MemoryWindowType.TYPE_2 && region != null && queuePair == number;
    }

    void unbind() {
        region = null;
    }

    /// Binds it, or says why it is left as it was.
    ///
    /// @param target what it is bound to a part of; null for nothing
    AccessResult bind(
            Accessor who,
            int newKey,
            @Nullable RegionMemory target,
            long first,
            long size,
            int bits) {
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        boolean second = type == MemoryWindowType.TYPE_2;
        if (second && region != null) {
            return AccessResult.STILL_BOUND;
        }
        if (target == null || size == 0) {
            if (second) {
                return AccessResult.EMPTY_WINDOW;
            }
            key = newKey;
            region = null;
            return AccessResult.GRANTED;
        }
        AccessResult allowed = check(target, first, size, bits);
        if (allowed == AccessResult.GRANTED) {
            key = newKey;
            region = target;
            queuePair = who.queuePair();
            regionAddress = first;
            address = (bits & AccessFlag.ZERO_BASED.bit()) == 0 ? first : 0;
            windowSize = size;
            accessBits = bits & AccessRight.ANY_REMOTE;
        }
        return allowed;
    }

    private AccessResult check(RegionMemory target, long first, long size, int bits) {
        if (target.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        int regionBits = target.accessBits();
        boolean writable = (regionBits & AccessFlag.LOCAL_WRITE.bit()) != 0;
        boolean zeroBased = ((bits | regionBits) & AccessFlag.ZERO_BASED.bit()) != 0;
        if ((regionBits & AccessFlag.MW_BIND.bit()) == 0
                || ((bits & REMOTE_CHANGE) != 0 && !writable)) {
            return AccessResult.MISSING_RIGHT;
        }
        if ((regionBits & AccessFlag.ZERO_BASED.bit()) != 0
                || (zeroBased && type == MemoryWindowType.TYPE_1)) {
            return AccessResult.ZERO_BASED;
        }
        // The region looks at its bounds whenever the window is used, too.
        return rangesUnchecked || target.contains(first, size)
                ? AccessResult.GRANTED
                : AccessResult.OUT_OF_BOUNDS;
    }

    @Override
    public AccessResult resolve(
            Accessor who, long first, long length, AccessRight right, RunList runs) {
        RegionMemory bound = region;
        if (bound == null) {
            return AccessResult.NOT_VALID;
        }
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if (type == MemoryWindowType.TYPE_2 && who.queuePair() != queuePair) {
            return AccessResult.WRONG_QUEUE_PAIR;
        }
        // A window has remote rights only, and is no local key.
        if ((atomicsRefused && right == AccessRight.REMOTE_ATOMIC)
                || !right.isRemote()
                || (accessBits & right.accessBit()) != right.accessBit()) {
            return AccessResult.MISSING_RIGHT;
        }
        long offset = first - address;
        return RegionMemory.isInside(offset, length, windowSize)
                ? bound.bytes(regionAddress + offset, length, right.isWrite(), runs)
                : AccessResult.OUT_OF_BOUNDS;
    }

    @Override
    public AccessResult resolveAll(Accessor who, AccessRight right, RunList runs) {
        return resolve(who, address, windowSize, right, runs);
    }

    @Override
    public AccessResult invalidate(Accessor who) {
        return region == null && type == MemoryWindowType.TYPE_2 && who.domain() == domain
                ? AccessResult.NOT_VALID
                : invalidateLocally(who);
    }

    @Override
    public AccessResult invalidateLocally(Accessor who) {
        if (who.domain() != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if (type == MemoryWindowType.TYPE_1) {
            return AccessResult.NOT_INVALIDATABLE;
        }
        if (region != null && who.queuePair() != queuePair) {
            return AccessResult.WRONG_QUEUE_PAIR;
        }
        unbind();
        return AccessResult.GRANTED;
    }

    @Override
    public KeyFacts facts() {
        return region == null
                ? KeyFacts.nothing(KeyState.IN_USE)
                : new KeyFacts(
                        KeyState.IN_USE, address, windowSize, AccessFlag.setOf(accessBits), domain);
    }
}
