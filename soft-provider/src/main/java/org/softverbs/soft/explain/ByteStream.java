package org.softverbs.soft.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;

/// Bytes in the order of an I/O, wherever they lie: memory as the CPU has it, or the segments of a
/// device.
final class ByteStream {

    private final AddressedMemory memory;
    private final List<Long> addresses = new ArrayList<>();
    private final TreeMap<Long, Integer> pieceAt = new TreeMap<>();
    private long length;

    /// @param memory what the addresses mean
    ByteStream(AddressedMemory memory) {
        this.memory = memory;
    }

    /// Adds a run of addresses at the end.
    void add(long address, long bytes) {
        pieceAt.put(length, addresses.size());
        addresses.add(address);
        length += bytes;
    }

    /// Finds a part of the stream.
    ///
    /// @param runs where its runs are added
    /// @return what was refused, if something was
    Optional<String> resolve(long position, long bytes, boolean write, RunList runs) {
        long at = position;
        long end = position + bytes;
        while (at < end) {
            Map.Entry<Long, Integer> piece = pieceAt.floorEntry(at);
            Long next = pieceAt.higherKey(at);
            long to = Math.min(end, next == null ? length : next);
            long address = addresses.get(piece.getValue()) + at - piece.getKey();
            AccessResult result = memory.resolve(address, to - at, write, runs);
            if (result != AccessResult.GRANTED) {
                return Optional.of(
                        "byte "
                                + at
                                + " of the I/O, at 0x"
                                + Long.toHexString(address)
                                + ": "
                                + result.reason());
            }
            at = to;
        }
        return Optional.empty();
    }
}
