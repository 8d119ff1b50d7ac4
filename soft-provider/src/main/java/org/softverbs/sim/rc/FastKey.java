package org.softverbs.sim.rc;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.Scarce;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// A fast registration of some pages, of which the first and the last are not registered.
final class FastKey implements LentKey {

    private static final int PAGE = 4096;
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);

    private final PhysicalAllocation all;
    private final MemorySegment bytes;
    private final DmaMapping mapping;
    private final FastRegion region;
    private final int size;
    private final int pages;

    FastKey(PrivilegedDomain domain, int size) {
        this.size = size;
        this.pages = (size + PAGE - 1) / PAGE;
        PrivilegedContext context = domain.context();
        long total = (pages + 2L) * PAGE;
        all =
                Scarce.until(
                        () ->
                                context.physicalMemory()
                                        .allocate(PhysicalMemoryRequest.contiguous(total)));
        bytes = all.segment();
        bytes.fill(DataBank.POISON);
        mapping =
                Scarce.until(
                        () ->
                                context.dma()
                                        .map(
                                                all.part(PAGE, (long) pages * PAGE),
                                                DmaDirection.BIDIRECTIONAL));
        region = Scarce.until(() -> domain.allocateFastRegion(pages));
    }

    @Override
    public MemorySegment memory() {
        return bytes.asSlice(PAGE, size);
    }

    @Override
    public SendWorkRequest makeValid(long id, Set<SendFlag> flags) {
        region.mapSegments(mapping.segments(), 0, PAGE);
        int key = region.incrementKey();
        return new SendWorkRequest.RegisterMemory(id, region, key, ACCESS, flags);
    }

    @Override
    public int key() {
        return region.localKey();
    }

    @Override
    public long address() {
        return region.address();
    }

    @Override
    public long writtenAround() {
        long before = DataBank.written(bytes, 0, PAGE);
        long behind = (long) PAGE + size;
        return before >= 0 ? before : DataBank.written(bytes, behind, bytes.byteSize() - behind);
    }

    @Override
    public void close() {
        region.close();
        mapping.close();
        all.close();
    }
}
