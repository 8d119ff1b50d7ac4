package org.softverbs.soft.memory;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;

/// All keys of a device. A key is 32 random bits, never 0, and does not come back before
/// [#QUARANTINE] others were given up.
///
/// Owned by the device's owner thread. Lookup is an open hash table that allocates nothing.
public final class KeyTable implements MemoryAccess {

    /// Keys that were given up and are not handed out again.
    public static final int QUARANTINE = 65_536;

    private static final int KEY_BITS = 32;
    private static final int MINIMUM_SLOTS = 64;

    private final RandomSource random;
    private final ArrayDeque<Integer> quarantineOrder = new ArrayDeque<>();
    private final Set<Integer> quarantine = new HashSet<>();
    private @Nullable RegisteredMemory[] slots = new @Nullable RegisteredMemory[MINIMUM_SLOTS];
    private int size;

    public KeyTable(RandomSource random) {
        this.random = random;
    }

    public int size() {
        return size;
    }

    /// A key that is neither in use nor in quarantine.
    public int freshKey() {
        int key;
        do {
            key = random.nextBits(KEY_BITS);
        } while (key == 0 || find(key) != null || quarantine.contains(key));
        return key;
    }

    public void add(RegisteredMemory memory) {
        if (2 * (size + 1) > slots.length) {
            rehash(slots.length * 2);
        }
        insert(memory);
        size++;
    }

    public void remove(int key) {
        if (find(key) == null) {
            return;
        }
        int at = slotOf(key);
        slots[at] = null;
        size--;
        closeGap(at);
        quarantine.add(key);
        quarantineOrder.add(key);
        if (quarantineOrder.size() > QUARANTINE) {
            quarantine.remove(quarantineOrder.remove());
        }
    }

    @Override
    public AccessResult resolve(
            int domain, int key, long address, long length, AccessRight right, RunList runs) {
        RegisteredMemory memory = find(key);
        if (memory == null) {
            return AccessResult.UNKNOWN_KEY;
        }
        return memory.resolve(domain, address, length, right, runs);
    }

    @Override
    public AccessResult invalidate(int domain, int key) {
        RegisteredMemory memory = find(key);
        if (memory == null) {
            return AccessResult.UNKNOWN_KEY;
        }
        // A user's registration can only be ended by the user.
        return memory.domain() == domain ? AccessResult.MISSING_RIGHT : AccessResult.WRONG_DOMAIN;
    }

    private @Nullable RegisteredMemory find(int key) {
        int mask = slots.length - 1;
        int at = hash(key) & mask;
        while (true) {
            RegisteredMemory memory = slots[at];
            if (memory == null || memory.key() == key) {
                return memory;
            }
            at = (at + 1) & mask;
        }
    }

    private int slotOf(int key) {
        int mask = slots.length - 1;
        int at = hash(key) & mask;
        while (true) {
            RegisteredMemory memory = slots[at];
            if (memory == null || memory.key() == key) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    private void insert(RegisteredMemory memory) {
        slots[slotOf(memory.key())] = memory;
    }

    /// Moves entries behind a freed slot forward, so that no search ends early.
    private void closeGap(int freed) {
        int mask = slots.length - 1;
        int at = (freed + 1) & mask;
        while (true) {
            RegisteredMemory memory = slots[at];
            if (memory == null) {
                return;
            }
            slots[at] = null;
            insert(memory);
            at = (at + 1) & mask;
        }
    }

    private void rehash(int length) {
        @Nullable RegisteredMemory[] old = slots;
        slots = new @Nullable RegisteredMemory[length];
        for (RegisteredMemory memory : old) {
            if (memory != null) {
                insert(memory);
            }
        }
    }

    private static int hash(int key) {
        int mixed = key * 0x9E37_79B9;
        return mixed ^ (mixed >>> 16);
    }
}
