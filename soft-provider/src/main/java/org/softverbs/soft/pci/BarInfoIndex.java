package org.softverbs.soft.pci;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the BAR behind a physical address, twice for each element of an I/O: when the I/O is built
/// ([#token]), and when it is mapped ([#find]). What an element can carry from one to the other
/// decides how fast the second is:
///
/// | an element carries | index | the second look-up |
/// |---|---|---|
/// | one flag | [BarIntervals] | a search, O(log n) |
/// | 4 to 8 bits | [BarTable] of that many bits | one array access; as many BARs as the bits tell
/// apart |
/// | 64 bits | [BarTable#ofPointers] | one array access; any number |
///
/// Adding is for one thread; looking up is for any, after that.
public sealed interface BarInfoIndex permits BarIntervals, BarTable {

    /// The token of an address that no BAR has.
    long NONE = 0;

    /// Bits that an element has to carry.
    int bits();

    /// Adds a BAR.
    ///
    /// @return false when there are no more tokens; nothing changed
    /// @throws IllegalArgumentException when it overlaps another
    boolean add(BarInfo bar);

    /// What an element at this address has to carry; [#NONE] when it is no BAR's.
    long token(long physicalAddress);

    /// The BAR behind an address.
    ///
    /// @param token what [#token] gave for it
    /// @return null when there is none: this is the data path
    @Nullable BarInfo find(long token, long physicalAddress);

    /// The BAR behind an address, for one who has not built the I/O.
    default Optional<BarInfo> search(long physicalAddress) {
        return Optional.ofNullable(find(token(physicalAddress), physicalAddress));
    }
}
