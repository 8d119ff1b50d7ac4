package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * FLUSH extended transport header (InfiniBand annex A19).
 *
 * <pre>
 * +-----------------------------------------------+-------+-------+
 * |                     resv 26                   |SEL 2 | PLT 4 |
 * +-----------------------------------------------+-------+-------+
 * </pre>
 */
public final class FethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    /** Selectivity level of a range. */
    public static final int RANGE = 0;

    /** Selectivity level of a whole memory region. */
    public static final int MEMORY_REGION = 1;

    private static final int PLACEMENT_BITS = 4;
    private static final int PLACEMENT_MASK = 0xf;
    private static final int SELECTIVITY_MASK = 3;
    private static final int RESERVED_SHIFT = 6;

    /** Points this view at the header that starts at {@code offset}. */
    public FethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** Placement types, one bit each: 1 global visibility, 2 persistence; 4 and 8 are reserved. */
    public int placement() {
        return i32(0) & PLACEMENT_MASK;
    }

    /** Selectivity level: {@link #RANGE}, {@link #MEMORY_REGION}; 2 and 3 are reserved. */
    public int selectivity() {
        return i32(0) >> PLACEMENT_BITS & SELECTIVITY_MASK;
    }

    /** The reserved bits. */
    public int reserved() {
        return i32(0) >>> RESERVED_SHIFT;
    }

    /** Sets all fields. */
    public FethFlyweight set(int reserved, int selectivity, int placement) {
        i32(
                0,
                (reserved << RESERVED_SHIFT)
                        | ((selectivity & SELECTIVITY_MASK) << PLACEMENT_BITS)
                        | (placement & PLACEMENT_MASK));
        return this;
    }
}
