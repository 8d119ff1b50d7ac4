package org.softverbs.sim.rc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.Scarce;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// A window of type 2 in the midst of a region.
final class WindowKey implements LentKey {

    private static final int GAP = 256;
    private static final long PAGE = 4096;
    private static final Set<AccessFlag> REGION =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.MW_BIND);
    private static final Set<AccessFlag> WINDOW =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final MemorySegment all;
    private final int size;
    private final MemoryRegion region;
    private final MemoryWindow window;
    private int key;

    WindowKey(ProtectionDomain domain, int size) {
        this.size = size;
        // A registration keeps the offset in a page, and each run must have the same addresses.
        this.all = Arena.ofAuto().allocate(2L * GAP + size, PAGE);
        all.fill(DataBank.POISON);
        region = Scarce.until(() -> domain.registerMemory(all, REGION));
        window = Scarce.until(() -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_2));
        key = window.remoteKey();
    }

    @Override
    public MemorySegment memory() {
        return all.asSlice(GAP, size);
    }

    @Override
    public SendWorkRequest makeValid(long id, Set<SendFlag> flags) {
        key = window.nextRemoteKey();
        return new SendWorkRequest.BindMemoryWindow(
                id, window, key, MemoryWindowBinding.of(region, address(), size, WINDOW), flags);
    }

    @Override
    public int key() {
        return key;
    }

    @Override
    public long address() {
        return region.address() + GAP;
    }

    @Override
    public long writtenAround() {
        long before = DataBank.written(all, 0, GAP);
        return before >= 0 ? before : DataBank.written(all, (long) GAP + size, GAP);
    }

    @Override
    public void close() {
        window.close();
        region.close();
    }
}
