package org.softverbs.soft.bounce;

import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// The pages behind the stream window of a [VduseDomain]: each is made when it is first needed and
/// kept until the end, unless the user gives pages of its own.
final class BouncePages {

    /// There is no page.
    static final long NONE = -1;

    private final SparsePhysicalMemory memory;
    private final @Nullable PhysicalAllocation[] own;
    private final long[] donated;
    private boolean areDonated;
    private int ownPages;

    BouncePages(SparsePhysicalMemory memory, int pages) {
        this.memory = memory;
        this.own = new PhysicalAllocation[pages];
        this.donated = new long[pages];
    }

    int size() {
        return donated.length;
    }

    /// Pages that were made and are kept.
    int ownPages() {
        return ownPages;
    }

    boolean areDonated() {
        return areDonated;
    }

    /// Physical address of a page, or [#NONE].
    long address(int page) {
        if (areDonated) {
            return donated[page];
        }
        PhysicalAllocation allocation = own[page];
        return allocation == null ? NONE : allocation.address(0);
    }

    /// Makes a page that is not there.
    ///
    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is no memory
    void ensure(int page) {
        if (address(page) == NONE) {
            own[page] = memory.allocate(PhysicalMemoryRequest.contiguous(VduseDomain.PAGE_BYTES));
            ownPages++;
        }
    }

    void clear(int page, long offset, long length) {
        RunList runs = new RunList();
        if (memory.resolve(address(page) + offset, length, runs)) {
            for (int run = 0; run < runs.count(); run++) {
                runs.segment(run).asSlice(runs.offset(run), runs.length(run)).fill((byte) 0);
            }
        }
    }

    /// Bytes of one address to another.
    ///
    /// @return false when one of them is no memory
    boolean copy(long from, long to, long length) {
        RunList source = new RunList();
        RunList target = new RunList();
        return memory.resolve(from, length, source)
                && memory.resolve(to, length, target)
                && source.copyTo(target);
    }

    /// Takes the user's pages in place of its own, which go; what is in use moves over.
    ///
    /// @param pages as many whole pages as there are
    /// @param mapped for each page whether it is in use
    void donate(PhysicalVector pages, boolean[] mapped) {
        int page = 0;
        for (int i = 0; i < pages.count(); i++) {
            PhysicalRange range = new PhysicalRange(pages.address(i), pages.length(i));
            for (long at = range.address(); at < range.end(); at += VduseDomain.PAGE_BYTES) {
                if (mapped[page]) {
                    copy(address(page), at, VduseDomain.PAGE_BYTES);
                }
                donated[page] = at;
                drop(page);
                page++;
            }
        }
        areDonated = true;
    }

    /// Gives the user's pages back; what is in use moves to pages of its own.
    void giveBack(boolean[] mapped) {
        areDonated = false;
        for (int page = 0; page < mapped.length; page++) {
            if (mapped[page]) {
                ensure(page);
                copy(donated[page], address(page), VduseDomain.PAGE_BYTES);
            }
        }
    }

    private void drop(int page) {
        PhysicalAllocation allocation = own[page];
        if (allocation != null) {
            allocation.close();
            own[page] = null;
            ownPages--;
        }
    }

    void close() {
        for (int page = 0; page < own.length; page++) {
            drop(page);
        }
    }
}
