package org.softverbs.soft.memory;

import java.util.BitSet;

/// Which pages of a region are in. Read and changed by the device's owner only.
public final class DemandPages {

    /// How often pages came and went, of all regions of a device. Written by its owner.
    public static final class Counts {

        private long faults;
        private long invalidations;
        private long prefetched;

        /// None so far.
        public Counts() {}

        /// Pages that an access had to wait for.
        public long faults() {
            return faults;
        }

        /// Pages that were taken away.
        public long invalidations() {
            return invalidations;
        }

        /// Pages that were brought in ahead of any access.
        public long prefetched() {
            return prefetched;
        }
    }

    private static final long PAGE = 4096;

    private final Counts counts;
    private final long lead;
    private final BitSet present = new BitSet();

    /// @param address of the first byte: pages are those of the address space
    /// @param counts where all regions of the device count
    DemandPages(long address, Counts counts) {
        this.lead = Long.remainderUnsigned(address, PAGE);
        this.counts = counts;
    }

    /// An access to some bytes: what is not in comes in.
    void access(long offset, long length) {
        counts.faults += bringIn(offset, length);
    }

    /// Brings in what is not in.
    void prefetch(long offset, long length) {
        counts.prefetched += bringIn(offset, length);
    }

    private int bringIn(long offset, long length) {
        if (length == 0) {
            return 0;
        }
        int first = page(offset);
        int end = page(offset + length - 1) + 1;
        int missing = present.nextClearBit(first);
        int brought = 0;
        while (missing < end) {
            present.set(missing);
            brought++;
            missing = present.nextClearBit(missing);
        }
        return brought;
    }

    /// Takes away every page that has one of some bytes.
    void drop(long offset, long length) {
        if (length == 0) {
            return;
        }
        int first = page(offset);
        int end = page(offset + length - 1) + 1;
        counts.invalidations += present.get(first, end).cardinality();
        present.clear(first, end);
    }

    private int page(long offset) {
        return Math.toIntExact((lead + offset) / PAGE);
    }
}
