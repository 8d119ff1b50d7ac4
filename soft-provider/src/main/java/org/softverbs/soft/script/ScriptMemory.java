package org.softverbs.soft.script;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.FastMapping;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.KeyedMemory;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.MemoryWindowType;

/// The memory of a script's engine: three regions that are always there, those that the script
/// declares, and what the script was told of each byte.
///
/// Every byte has a value of its own at first, so that a copy from a wrong place shows.
final class ScriptMemory implements Naming {

    /// Where requests of the engine take and put their data.
    static final String LOCAL = "local";

    /// Where receives of the engine put theirs.
    static final String INBOX = "inbox";

    /// What the peer may reach.
    static final String EXPOSED = "exposed";

    static final int DOMAIN = 1;
    static final int LENGTH = 1 << 17;

    private static final long LOCAL_ADDRESS = 0x10_0000;
    private static final int LOCAL_KEY = 0x0a0a_0a01;
    private static final long INBOX_ADDRESS = 0x20_0000;
    private static final int INBOX_KEY = 0x0a0a_0b01;
    private static final long EXPOSED_ADDRESS = 0x8000_0000_0000L;
    private static final int EXPOSED_KEY = 0x0b0b_0b02;
    private static final int PAGE = 4096;
    private static final int MOST_PAGES = 64;
    static final long LONGEST = 1 << 24;

    /// Bytes, and what the script was told of them.
    record Contents(MemorySegment actual, MemorySegment told) {}

    /// What has a name. A window has no bytes of its own.
    record Area(String name, long address, @Nullable Contents contents, KeyedMemory keyed) {

        boolean contains(long first, long length) {
            long offset = first - address;
            return contents != null
                    && offset >= 0
                    && length >= 0
                    && offset <= contents.actual().byteSize() - length;
        }

        MemorySegment actual(long first, long length) {
            return slice(requireContents().actual(), first, length);
        }

        MemorySegment told(long first, long length) {
            return slice(requireContents().told(), first, length);
        }

        private Contents requireContents() {
            Contents present = contents;
            if (present == null) {
                throw new ScriptFailure(name + " has no bytes of its own");
            }
            return present;
        }

        private MemorySegment slice(MemorySegment whole, long first, long length) {
            return whole.asSlice(first - address, length);
        }
    }

    private final KeyTable keys = new KeyTable(RandomSource.seeded(new SplittableRandom(1)));
    private final Map<String, Area> areas = new LinkedHashMap<>();

    ScriptMemory() {
        int everything = Value.allAccess();
        addRegion(LOCAL, LOCAL_KEY, LOCAL_ADDRESS, fresh(LENGTH), AccessFlag.LOCAL_WRITE.bit(), 1);
        addRegion(INBOX, INBOX_KEY, INBOX_ADDRESS, fresh(LENGTH), AccessFlag.LOCAL_WRITE.bit(), 1);
        addRegion(EXPOSED, EXPOSED_KEY, EXPOSED_ADDRESS, fresh(LENGTH), everything, DOMAIN);
    }

    KeyTable keys() {
        return keys;
    }

    /// New bytes.
    Contents fresh(long length) {
        if (length < 1 || length > LONGEST) {
            throw new ScriptFailure("a region has 1 to " + LONGEST + " bytes, not " + length);
        }
        MemorySegment actual = Arena.ofAuto().allocate(length, Long.BYTES * Long.BYTES);
        int seed = 83 * (areas.size() + 1);
        for (int i = 0; i < length; i++) {
            actual.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + (i >> 8) * 3 + seed));
        }
        MemorySegment told = Arena.ofAuto().allocate(length, Long.BYTES);
        return new Contents(actual, told.copyFrom(actual));
    }

    void addRegion(
            String name, int key, long address, Contents contents, int accessBits, int domain) {
        add(
                name,
                address,
                contents,
                new RegisteredMemory(key, domain, address, contents.actual(), accessBits));
    }

    void addWindow(String name, int key, MemoryWindowType type, int domain) {
        add(name, 0, null, new WindowMemory(type, domain, key));
    }

    /// A fast registration whose addresses, from 0 on, are the first bytes of other memory.
    void addFast(String name, int key, Contents contents, long length, int domain) {
        FastMemory fast =
                new FastMemory(
                        domain,
                        (address, size, write, runs) -> {
                            runs.add(contents.actual(), address, size);
                            return AccessResult.GRANTED;
                        },
                        key);
        DmaSegment whole = new DmaSegment(AddressSpace.PHYSICAL, 0, length);
        Optional<FastMapping> mapping = FastMapping.of(List.of(whole), 0, PAGE, MOST_PAGES);
        if (mapping.isEmpty() || mapping.get().length() != length) {
            throw new ScriptFailure("a fast registration has at most 64 pages of 4096 bytes");
        }
        fast.map(mapping.get());
        add(name, 0, contents, fast);
    }

    private void add(String name, long address, @Nullable Contents contents, KeyedMemory keyed) {
        if (keys.find(keyed.key()) != null) {
            throw new ScriptFailure(String.format("another has the key 0x%08x", keyed.key()));
        }
        if (areas.put(name, new Area(name, address, contents, keyed)) != null) {
            throw new ScriptFailure("there is a '" + name + "' already");
        }
        keys.add(keyed);
    }

    Area area(String name) {
        Area area = areas.get(name);
        if (area == null) {
            throw new ScriptFailure("nothing is named '" + name + "'" + suggest(name));
        }
        return area;
    }

    private String suggest(String name) {
        return Suggestion.of(name, areas.keySet());
    }

    /// The bytes of an area, to be those of another too.
    Contents contentsOf(String name) {
        Contents contents = area(name).contents();
        if (contents == null) {
            throw new ScriptFailure(name + " has no bytes of its own");
        }
        return contents;
    }

    int keyOf(String name) {
        return area(name).keyed().key();
    }

    long addressOf(String name) {
        return area(name).address();
    }

    /// Ends a registration: its key opens nothing from now on.
    void deregister(String name) {
        keys.remove(keyOf(name));
    }

    /// Where bytes are, by address alone.
    Area at(long address, long length) {
        for (Area area : areas.values()) {
            if (area.contains(address, length)) {
                return area;
            }
        }
        throw new ScriptFailure(
                String.format("no region has the %d bytes at 0x%x", length, address));
    }

    /// The bytes that a key opens, or null when it opens none of the script's areas there.
    byte @Nullable [] bytes(int key, long address, long length) {
        for (Area area : areas.values()) {
            if (area.keyed().key() == key && area.contains(address, length)) {
                return area.actual(address, length).toArray(ValueLayout.JAVA_BYTE);
            }
        }
        return null;
    }

    /// The state of a fast registration.
    FastRegionState registration(String name) {
        if (area(name).keyed() instanceof FastMemory fast) {
            return fast.state();
        }
        throw new ScriptFailure(name + " is no fast registration");
    }

    /// What differs from what the script was told; nothing if nothing does.
    String difference() {
        for (Area area : areas.values()) {
            Contents contents = area.contents();
            if (contents == null) {
                continue;
            }
            long at = contents.actual().mismatch(contents.told());
            if (at >= 0) {
                return String.format(
                        "byte %s+%d is 0x%02x, not 0x%02x",
                        area.name(),
                        at,
                        contents.actual().get(ValueLayout.JAVA_BYTE, at),
                        contents.told().get(ValueLayout.JAVA_BYTE, at));
            }
        }
        return "";
    }

    /// An address as a script has it.
    @Override
    public String describeAddress(long address) {
        for (Area area : areas.values()) {
            if (area.contains(address, 0)) {
                long offset = address - area.address();
                return offset == 0 ? area.name() : area.name() + "+" + offset;
            }
        }
        return "0x" + Long.toHexString(address);
    }

    /// A key as a script has it.
    @Override
    public String describeKey(int key) {
        for (Area area : areas.values()) {
            if (area.keyed().key() == key) {
                return area.name();
            }
        }
        return String.format("0x%08x", key);
    }
}
