package org.softverbs.soft.bounce;

import java.util.Map;

/// What a pool has done so far.
///
/// @param mappings buffers given out
/// @param bytesCopiedIn from memory to buffers
/// @param bytesCopiedOut from buffers to memory
/// @param slotsUsed slots or pages in use now
/// @param highWaterMark the most that were ever in use
/// @param slotsSearched slots looked at by all searches: one search that hits at once looks at one
/// @param refusals requests that got no buffer, by reason; reasons without any are left out
public record BounceStatistics(
        long mappings,
        long bytesCopiedIn,
        long bytesCopiedOut,
        long slotsUsed,
        long highWaterMark,
        long slotsSearched,
        Map<BounceRefusal, Long> refusals) {

    public BounceStatistics {
        refusals = Map.copyOf(refusals);
    }

    /// Bytes that the CPU moved for the device.
    public long bytesCopied() {
        return bytesCopiedIn + bytesCopiedOut;
    }
}
