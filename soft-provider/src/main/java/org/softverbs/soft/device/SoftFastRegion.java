package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.memory.FastMapping;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.soft.memory.RegionMapping;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.VerbsException;

/// A fast registration as its user sees it.
class SoftFastRegion extends Resource implements FastRegion {

    private static final String MAP = "mapSegments";
    private static final int SMALLEST_PAGE = 4096;

    private final SoftPrivilegedDomain domain;
    private final FastMemory memory;
    private final int maxPages;
    private final AtomicInteger key;
    private volatile @Nullable RegionMapping mapping;
    private volatile List<DmaSegment> ranges = List.of();

    SoftFastRegion(SoftPrivilegedDomain domain, FastMemory memory, int maxPages) {
        this.domain = domain;
        this.memory = memory;
        this.maxPages = maxPages;
        this.key = new AtomicInteger(memory.key());
    }

    SoftDevice device() {
        return domain.device();
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int maxPages() {
        return maxPages;
    }

    @Override
    public FastRegionState state() {
        return memory.state();
    }

    @Override
    public OptionalInt validKey() {
        return memory.validKey();
    }

    @Override
    public long address() {
        RegionMapping mapped = mapping;
        return mapped == null ? 0 : mapped.address();
    }

    @Override
    public long length() {
        RegionMapping mapped = mapping;
        return mapped == null ? 0 : mapped.length();
    }

    @Override
    public int localKey() {
        return key.get();
    }

    @Override
    public int incrementKey() {
        return key.updateAndGet(Keys::increment);
    }

    @Override
    public int mapSegments(List<DmaSegment> segments, long offset, int pageSize) {
        requireOpen();
        if (segments.isEmpty()) {
            throw new VerbsException(Errno.EINVAL, MAP, "there are no segments");
        }
        long first = segments.getFirst().length();
        if (offset < 0 || offset >= first) {
            throw new VerbsException(
                    Errno.EINVAL,
                    MAP,
                    "offset " + offset + " is not inside the first segment of " + first);
        }
        if (pageSize < SMALLEST_PAGE || Integer.bitCount(pageSize) != 1) {
            throw new VerbsException(
                    Errno.EINVAL,
                    MAP,
                    "pageSize " + pageSize + " is no power of two from " + SMALLEST_PAGE);
        }
        FastMapping mapped =
                FastMapping.of(segments, offset, pageSize, maxPages)
                        .orElseThrow(
                                () ->
                                        new VerbsException(
                                                Errno.ENOMEM,
                                                MAP,
                                                "the first segment needs more than the region's "
                                                        + maxPages
                                                        + " pages"));
        map(mapped, first(segments, offset, mapped.length()));
        return mapped.consumed();
    }

    /// The first bytes of segments behind an offset; nothing unless the sanitizer is on.
    private List<DmaSegment> first(List<DmaSegment> segments, long offset, long length) {
        if (device().keys().requests() == null) {
            return List.of();
        }
        List<DmaSegment> taken = new ArrayList<>();
        long skipped = offset;
        long left = length;
        for (DmaSegment segment : segments) {
            long size = Math.min(left, segment.length() - skipped);
            if (size > 0) {
                taken.add(new DmaSegment(segment.space(), segment.address() + skipped, size));
            }
            left -= size;
            skipped = 0;
        }
        return taken;
    }

    /// Whether addresses of the key count the bytes of the segments.
    boolean isLinear() {
        return true;
    }

    /// The device's addresses behind what is mapped, for the sanitizer.
    final List<DmaSegment> ranges() {
        return ranges;
    }

    final void map(RegionMapping mapped, List<DmaSegment> newRanges) {
        ranges = newRanges;
        mapping = mapped;
        memory.map(mapped);
    }

    @Override
    public void close() {
        if (markClosed()) {
            device().owner().run(() -> device().keys().remove(memory.key()));
            domain.children().remove(this);
        }
    }

    @Override
    public String toString() {
        return "fast region 0x" + Integer.toHexString(localKey());
    }
}
