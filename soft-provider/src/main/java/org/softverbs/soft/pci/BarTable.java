package org.softverbs.soft.pci;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// BARs by a number of their own, which an element of an I/O carries: a hash without collisions,
/// as the numbers are given out here.
///
/// The number is found by a search when the I/O is built.
public final class BarTable implements BarInfoIndex {

    private static final int FEWEST_BITS = 4;
    private static final int MOST_BITS = 8;
    private static final int FIRST_CAPACITY = 16;

    private final int bits;
    private final int capacity;
    private final BarIntervals intervals = new BarIntervals();
    private final Map<BarInfo, Integer> numbers = new HashMap<>();
    private @Nullable BarInfo[] bars = new BarInfo[FIRST_CAPACITY];

    private BarTable(int bits, int capacity) {
        this.bits = bits;
        this.capacity = capacity;
    }

    /// For elements that have a few bits left: 15 to 255 BARs.
    ///
    /// @param bits 4 to 8
    /// @throws IllegalArgumentException for another number of bits
    public static BarTable ofBits(int bits) {
        if (bits < FEWEST_BITS || bits > MOST_BITS) {
            throw new IllegalArgumentException("bits " + bits + " is not within 4 and 8");
        }
        return new BarTable(bits, (1 << bits) - 1);
    }

    /// For elements that carry a pointer; here the place in an array.
    public static BarTable ofPointers() {
        return new BarTable(Long.SIZE, Integer.MAX_VALUE - 1);
    }

    @Override
    public int bits() {
        return bits;
    }

    @Override
    public boolean add(BarInfo bar) {
        int number = numbers.size() + 1;
        if (number > capacity) {
            return false;
        }
        intervals.add(bar);
        if (number == bars.length) {
            bars = Arrays.copyOf(bars, number * 2);
        }
        bars[number] = bar;
        numbers.put(bar, number);
        return true;
    }

    @Override
    public long token(long physicalAddress) {
        BarInfo bar = intervals.at(physicalAddress);
        return bar == null ? NONE : numbers.getOrDefault(bar, (int) NONE);
    }

    @Override
    public @Nullable BarInfo find(long token, long physicalAddress) {
        return token > NONE && token < bars.length ? bars[(int) token] : null;
    }
}
