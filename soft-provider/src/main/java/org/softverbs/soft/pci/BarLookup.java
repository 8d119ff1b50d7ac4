package org.softverbs.soft.pci;

/// How the BAR behind an address is looked up; see [BarInfoIndex].
public enum BarLookup {
    /// By a search among all BARs: an element carries one flag.
    INTERVALS,
    /// By a number of 8 bits that an element carries, of 255 BARs at most.
    HASH,
    /// By a pointer that an element carries.
    POINTERS;

    private static final int HASH_BITS = 8;

    /// An index without BARs.
    public BarInfoIndex newIndex() {
        return switch (this) {
            case INTERVALS -> new BarIntervals();
            case HASH -> BarTable.ofBits(HASH_BITS);
            case POINTERS -> BarTable.ofPointers();
        };
    }
}
