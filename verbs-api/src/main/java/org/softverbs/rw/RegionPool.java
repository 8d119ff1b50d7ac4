package org.softverbs.rw;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.VerbsException;

/// Fast regions that are made once and used again and again. One comes back as it was left: whoever
/// takes it next invalidates it.
///
/// Safe to use from any thread. Kernel name: `ib_mr_pool_init`.
public final class RegionPool implements AutoCloseable {

    private final ArrayDeque<FastRegion> free = new ArrayDeque<>();
    private final List<FastRegion> all = new ArrayList<>();
    private long taken;

    /// @param count how many regions
    /// @param allocation makes one
    /// @throws VerbsException as the allocation; none is left over then
    RegionPool(int count, Supplier<FastRegion> allocation) {
        try {
            for (int i = 0; i < count; i++) {
                FastRegion region = allocation.get();
                all.add(region);
                free.add(region);
            }
        } catch (VerbsException refused) {
            close();
            throw refused;
        }
    }

    /// Fast regions of so many pages.
    ///
    /// @throws VerbsException as [PrivilegedDomain#allocateFastRegion]
    public static RegionPool ofFastRegions(PrivilegedDomain domain, int count, int pages) {
        return new RegionPool(count, () -> domain.allocateFastRegion(pages));
    }

    /// Signature regions of so many pages.
    ///
    /// @throws VerbsException as [PrivilegedDomain#allocateSignatureRegion]
    public static RegionPool ofSignatureRegions(PrivilegedDomain domain, int count, int pages) {
        return new RegionPool(count, () -> domain.allocateSignatureRegion(pages));
    }

    /// Takes regions, all or none.
    ///
    /// @return nothing when there are not as many
    synchronized List<FastRegion> take(int count) {
        if (count > free.size()) {
            return List.of();
        }
        taken += count;
        List<FastRegion> regions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            regions.add(free.removeFirst());
        }
        return regions;
    }

    synchronized void give(List<FastRegion> regions) {
        regions.forEach(free::addFirst);
    }

    /// How many could be taken now.
    public synchronized int available() {
        return free.size();
    }

    /// How many were taken so far.
    public synchronized long taken() {
        return taken;
    }

    @Override
    public synchronized void close() {
        free.clear();
        all.forEach(FastRegion::close);
        all.clear();
    }
}
