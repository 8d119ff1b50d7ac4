package org.softverbs.soft.memory;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.KeyFacts;
import org.softverbs.verbs.KeyState;

/// All keys of a device. A key is 24 bits of index and 8 that may change while the index stays; all
/// 32 are random at first, and all 32 must be right. An index is never 0, belongs to one memory at
/// a time, and does not come back before [#QUARANTINE] others were given up.
///
/// Owned by the device's owner.
public final class KeyTable implements MemoryAccess {

    /// Indices that were given up and are not handed out again.
    public static final int QUARANTINE = 65_536;

    /// Bits of a key that are its user's.
    public static final int VARIANT_BITS = 8;

    private static final int INDEX_BITS = Integer.SIZE - VARIANT_BITS;

    private final RandomSource random;
    private final IntMap<KeyedMemory> memories = new IntMap<>();
    private final ArrayDeque<Integer> quarantineOrder = new ArrayDeque<>();
    private final Set<Integer> quarantine = new HashSet<>();
    private int regions;
    private int windows;

    public KeyTable(RandomSource random) {
        this.random = random;
    }

    /// Registrations, fast ones too.
    public int regions() {
        return regions;
    }

    public int windows() {
        return windows;
    }

    /// A key whose index is neither in use nor in quarantine.
    public int freshKey() {
        int index;
        do {
            index = random.nextBits(INDEX_BITS);
        } while (index == 0 || memories.get(index) != null || quarantine.contains(index));
        return index << VARIANT_BITS | random.nextBits(VARIANT_BITS);
    }

    private static int indexOf(int key) {
        return key >>> VARIANT_BITS;
    }

    /// Adds what has a key; what has the same key already is replaced.
    public void add(KeyedMemory memory) {
        count(memories.get(indexOf(memory.key())), -1);
        memories.put(indexOf(memory.key()), memory);
        count(memory, 1);
    }

    private void count(@Nullable KeyedMemory memory, int change) {
        switch (memory) {
            case null -> {}
            case RegionMemory region -> regions += change;
            case FastMemory region -> regions += change;
            case WindowMemory window -> windows += change;
            case LocalDmaMemory all -> {}
        }
    }

    /// Takes the local DMA key into the table, and 0 as another name for it.
    ///
    /// @param zeroToo whether 0 is the same; else it is no key
    /// @return the key
    public int addLocalDmaKey(AddressedMemory memory, boolean zeroToo) {
        int key = freshKey();
        add(new LocalDmaMemory(key, memory));
        if (zeroToo) {
            add(new LocalDmaMemory(0, memory));
        }
        return key;
    }

    public void remove(int key) {
        int index = indexOf(key);
        count(memories.get(index), -1);
        memories.remove(index);
        if (quarantine.add(index)) {
            quarantineOrder.add(index);
        }
        if (quarantineOrder.size() > QUARANTINE) {
            quarantine.remove(quarantineOrder.remove());
        }
    }

    /// What has a key, by all of its bits.
    public @Nullable KeyedMemory find(int key) {
        KeyedMemory memory = memories.get(indexOf(key));
        return memory != null && memory.key() == key ? memory : null;
    }

    /// The windows that are bound to a region.
    public List<WindowMemory> windowsOf(RegionMemory region) {
        return windows == 0
                ? List.of()
                : memories.values().stream()
                        .filter(WindowMemory.class::isInstance)
                        .map(WindowMemory.class::cast)
                        .filter(window -> window.isBoundTo(region))
                        .toList();
    }

    /// A queue pair is gone, and with it what only it could use: windows of type 2 that were bound
    /// on it (InfiniBand o10-2.2.5).
    public void unbindAllOn(int queuePair) {
        if (windows > 0) {
            for (KeyedMemory memory : memories.values()) {
                if (memory instanceof WindowMemory window && window.isBoundOn(queuePair)) {
                    window.unbind();
                }
            }
        }
    }

    @Override
    public AccessResult resolve(
            Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
        KeyedMemory memory = find(key);
        return memory == null
                ? AccessResult.UNKNOWN_KEY
                : memory.resolve(who, address, length, right, runs);
    }

    @Override
    public AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs) {
        KeyedMemory memory = find(key);
        return memory == null ? AccessResult.UNKNOWN_KEY : memory.resolveAll(who, right, runs);
    }

    @Override
    public AccessResult invalidate(Accessor who, int key) {
        KeyedMemory memory = find(key);
        return memory == null ? AccessResult.UNKNOWN_KEY : memory.invalidate(who);
    }

    @Override
    public AccessResult invalidateLocally(Accessor who, int key) {
        KeyedMemory memory = find(key);
        return memory == null ? AccessResult.UNKNOWN_KEY : memory.invalidateLocally(who);
    }

    @Override
    public AccessResult bind(
            Accessor who, int key, int regionKey, long address, long length, int accessBits) {
        if (!(memories.get(indexOf(key)) instanceof WindowMemory window)) {
            return AccessResult.UNKNOWN_KEY;
        }
        RegionMemory region = null;
        if (regionKey != 0) {
            if (!(find(regionKey) instanceof RegionMemory found)) {
                return AccessResult.UNKNOWN_KEY;
            }
            region = found;
        }
        return window.bind(who, key, region, address, length, accessBits);
    }

    @Override
    public AccessResult register(Accessor who, int key, int accessBits) {
        return memories.get(indexOf(key)) instanceof FastMemory region
                ? region.register(who, key, accessBits)
                : AccessResult.UNKNOWN_KEY;
    }

    @Override
    public KeyFacts facts(int key) {
        KeyedMemory memory = memories.get(indexOf(key));
        if (memory == null) {
            return KeyFacts.nothing(
                    quarantine.contains(indexOf(key)) ? KeyState.DEREGISTERED : KeyState.UNKNOWN);
        }
        return memory.key() == key ? memory.facts() : KeyFacts.nothing(KeyState.SUPERSEDED);
    }
}
