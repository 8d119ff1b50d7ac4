package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.Scarce;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;

/// Eight bytes of a node that all its queue pairs change, by FETCH_AND_ADD of the same value alone:
/// then the value tells how many were carried out, and each must give another multiple.
final class SharedCounter {

    /// Adds one to each half, so that a half that is lost shows.
    static final long STEP = 0x1_0000_0001L;

    /// What it takes of memory, aligned to a page: a registration keeps the offset in it.
    static final long BYTES = 64;

    private final String name;
    private final MemorySegment memory;
    private final BitSet given = new BitSet();
    private @Nullable MemoryRegion region;
    private long posted;
    private long completed;

    /// @param name for messages
    /// @param memory of [#BYTES]
    SharedCounter(String name, MemorySegment memory) {
        this.name = name;
        this.memory = memory;
    }

    /// Registers it on a device that is new.
    void open(ProtectionDomain domain) {
        memory.fill((byte) 0);
        given.clear();
        posted = 0;
        completed = 0;
        region = Scarce.until(() -> domain.registerMemory(memory, End.REMOTE));
    }

    void close() {
        if (region != null) {
            region.close();
            region = null;
        }
    }

    private MemoryRegion region() {
        MemoryRegion value = region;
        if (value == null) {
            throw new IllegalStateException("the counter is not open");
        }
        return value;
    }

    long address() {
        return region().address();
    }

    int key() {
        return region().remoteKey();
    }

    /// An addition is about to be posted.
    ///
    /// @return how many are carried out at least when its turn comes
    long post() {
        posted++;
        return completed;
    }

    /// An addition succeeded.
    ///
    /// @param value what it gave
    /// @param least what [#post()] gave for it
    void completed(long value, long least) {
        completed++;
        long before = value / STEP;
        require(
                value == before * STEP && before >= least && before < posted,
                "M9",
                () -> this + ": an addition gave " + Long.toHexString(value));
        require(!given.get((int) before), "M9", () -> this + ": two additions gave " + before);
        given.set((int) before);
        check();
    }

    /// All that completed were carried out, and none that was not posted.
    void check() {
        long value = memory.get(ValueLayout.JAVA_LONG, 0);
        long count = value / STEP;
        require(
                value == count * STEP && count >= completed && count <= posted,
                "M9",
                () -> this + ": holds " + Long.toHexString(value));
        require(given.length() <= count, "M9", () -> this + ": gave what it does not hold yet");
    }

    @Override
    public String toString() {
        return name + " shared counter, " + completed + " of " + posted + " additions completed";
    }
}
