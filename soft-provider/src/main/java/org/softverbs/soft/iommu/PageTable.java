package org.softverbs.soft.iommu;

import org.jspecify.annotations.Nullable;

/// A tree of tables with 512 entries each, from I/O virtual to physical addresses.
///
/// An entry of the lowest level stands for a granule, one of the next level for 512 of them, and so
/// on. A page goes to the highest level whose entries are no larger than it, and fills as many of
/// them as it takes, each with the same contents.
///
/// An entry is a number: the physical address of the page, its size and what is allowed; see
/// [Entry]. Looking up allocates nothing. The caller keeps threads apart.
final class PageTable {

    private static final int ENTRY_BITS = 9;
    private static final int ENTRIES = 1 << ENTRY_BITS;
    private static final int ADDRESS_BITS = 48;

    /// What an entry says.
    static final class Entry {

        /// Nothing is mapped.
        static final long NONE = 0;

        private static final long READ = 1;
        private static final long WRITE = 2;
        private static final long PRESENT = 4;
        private static final int SIZE_SHIFT = 4;
        private static final long SIZE_MASK = 63;
        private static final long ADDRESS = -1L << 12;

        private Entry() {}

        static long of(long physical, long size, boolean readable, boolean writable) {
            return physical
                    | ((long) Long.numberOfTrailingZeros(size) << SIZE_SHIFT)
                    | PRESENT
                    | (readable ? READ : 0)
                    | (writable ? WRITE : 0);
        }

        /// Bytes of the page.
        static long size(long entry) {
            return 1L << ((entry >>> SIZE_SHIFT) & SIZE_MASK);
        }

        /// Where a byte of the page is.
        static long physical(long entry, long iova) {
            return (entry & ADDRESS) + (iova & (size(entry) - 1));
        }

        static boolean allows(long entry, boolean write) {
            return (entry & (write ? WRITE : READ)) != 0;
        }
    }

    private static final class Table {
        final long[] entries = new long[ENTRIES];
        final @Nullable Table[] below;
        long used;

        Table(boolean lowest) {
            below = lowest ? new Table[0] : new Table[ENTRIES];
        }

        @Nullable Table below(int index) {
            return below.length == 0 ? null : below[index];
        }

        /// Whether nothing is mapped in an entry and in the tables under it.
        boolean isEmpty(int index) {
            Table table = below(index);
            return entries[index] == Entry.NONE && (table == null || table.used == 0);
        }
    }

    private final int granuleBits;
    private final int levels;
    private final Table root;

    PageTable(long granule) {
        granuleBits = Long.numberOfTrailingZeros(granule);
        levels = Math.max(1, (ADDRESS_BITS - granuleBits + ENTRY_BITS - 1) / ENTRY_BITS);
        root = new Table(levels == 1);
    }

    /// The address behind the last one that can be mapped.
    static long end() {
        return 1L << ADDRESS_BITS;
    }

    private int shift(int level) {
        return granuleBits + level * ENTRY_BITS;
    }

    private int index(long iova, int level) {
        return (int) (iova >>> shift(level)) & (ENTRIES - 1);
    }

    private int levelOf(long size) {
        int above = Long.numberOfTrailingZeros(size) - granuleBits;
        return Math.min(levels - 1, above / ENTRY_BITS);
    }

    /// The entry for an address below [#end()], or [Entry#NONE].
    long lookup(long iova) {
        Table table = root;
        for (int level = levels - 1; level >= 0; level--) {
            int index = index(iova, level);
            long entry = table.entries[index];
            Table below = table.below(index);
            if (entry != Entry.NONE || below == null) {
                return entry;
            }
            table = below;
        }
        return Entry.NONE;
    }

    /// Maps one page; false when something is mapped there.
    ///
    /// @param iova a multiple of the page's size
    boolean map(long iova, long entry) {
        long size = Entry.size(entry);
        int level = levelOf(size);
        int slots = (int) (size >>> shift(level));
        Table table = root;
        for (int above = levels - 1; above > level; above--) {
            int index = index(iova, above);
            if (table.entries[index] != Entry.NONE) {
                return false;
            }
            table = descend(table, index, above == 1);
        }
        int first = index(iova, level);
        for (int i = first; i < first + slots; i++) {
            if (!table.isEmpty(i)) {
                return false;
            }
        }
        change(iova, level, first, slots, entry);
        return true;
    }

    private static Table descend(Table table, int index, boolean lowest) {
        Table below = table.below(index);
        if (below == null) {
            below = new Table(lowest);
            table.below[index] = below;
        }
        return below;
    }

    /// Takes a page out that starts at an address.
    void unmap(long iova, long entry) {
        long size = Entry.size(entry);
        int level = levelOf(size);
        change(iova, level, index(iova, level), (int) (size >>> shift(level)), Entry.NONE);
    }

    /// Fills slots of a table, and keeps count of what is used in it and in all tables above.
    /// Tables that became empty stay for the next page, and give way to a larger one.
    private void change(long iova, int level, int first, int slots, long entry) {
        int more = entry == Entry.NONE ? -slots : slots;
        Table table = root;
        for (int above = levels - 1; above > level; above--) {
            table.used += more;
            table = descend(table, index(iova, above), above == 1);
        }
        table.used += more;
        for (int i = first; i < first + slots; i++) {
            table.entries[i] = entry;
        }
    }
}
