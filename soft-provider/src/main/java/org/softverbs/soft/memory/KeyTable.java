package org.softverbs.soft.memory;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;

/// All keys of a device. A key is 32 random bits, never 0, and does not come back before
/// [#QUARANTINE] others were given up.
///
/// Owned by the device's owner.
public final class KeyTable implements MemoryAccess {

    /// Keys that were given up and are not handed out again.
    public static final int QUARANTINE = 65_536;

    private static final int KEY_BITS = 32;

    private final RandomSource random;
    private final IntMap<RegisteredMemory> memories = new IntMap<>();
    private final ArrayDeque<Integer> quarantineOrder = new ArrayDeque<>();
    private final Set<Integer> quarantine = new HashSet<>();

    public KeyTable(RandomSource random) {
        this.random = random;
    }

    public int size() {
        return memories.size();
    }

    /// A key that is neither in use nor in quarantine.
    public int freshKey() {
        int key;
        do {
            key = random.nextBits(KEY_BITS);
        } while (key == 0 || memories.get(key) != null || quarantine.contains(key));
        return key;
    }

    public void add(RegisteredMemory memory) {
        memories.put(memory.key(), memory);
    }

    public void remove(int key) {
        memories.remove(key);
        if (quarantine.add(key)) {
            quarantineOrder.add(key);
        }
        if (quarantineOrder.size() > QUARANTINE) {
            quarantine.remove(quarantineOrder.remove());
        }
    }

    @Override
    public AccessResult resolve(
            int domain, int key, long address, long length, AccessRight right, RunList runs) {
        @Nullable RegisteredMemory memory = memories.get(key);
        if (memory == null) {
            return AccessResult.UNKNOWN_KEY;
        }
        return memory.resolve(domain, address, length, right, runs);
    }

    @Override
    public AccessResult invalidate(int domain, int key) {
        @Nullable RegisteredMemory memory = memories.get(key);
        if (memory == null) {
            return AccessResult.UNKNOWN_KEY;
        }
        // A user's registration can only be ended by the user.
        return memory.domain() == domain
                ? AccessResult.NOT_INVALIDATABLE
                : AccessResult.WRONG_DOMAIN;
    }
}
