package org.softverbs.sim.rw;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/// The bytes of an I/O, told by its number.
final class RwPattern {

    private RwPattern() {}

    static MemorySegment of(long id, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(id).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    /// Writes bytes in order to places of another segment, each an offset and a length.
    static void scatter(MemorySegment bytes, MemorySegment target, List<long[]> places) {
        long at = 0;
        for (long[] place : places) {
            MemorySegment.copy(bytes, at, target, place[0], place[1]);
            at += place[1];
        }
    }
}
