package org.softverbs.soft.dma;

import java.util.Arrays;
import org.softverbs.dma.AddressSpace;

/// How the elements of an I/O lie in one range of IOVAs, and which segments the device sees.
///
/// Each element takes whole granules, one behind the other; elements that are neighbours in
/// physical memory share theirs. Peers that are reached by bus address take none. A segment goes on
/// over elements while nothing lies between them, and ends at the device's longest segment and at
/// its segment boundary.
///
/// Reusable: [#begin()], then one `add` for each element, then [#iovaLength()] for the allocation,
/// then [#emit] with what was allocated. Grows as needed and then allocates nothing.
///
/// Source: `iommu_dma_map_sg` and `__finalise_sg` of `drivers/iommu/dma-iommu.c`. Linux does not
/// join physical neighbours that meet inside a granule; here they are one.
final class IovaLayout {

    private static final int FIRST_CAPACITY = 16;

    private final long granule;
    private final long boundary;
    private final SegmentJoiner joiner;

    private long[] addresses = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private long[] taken = new long[FIRST_CAPACITY];
    private boolean[] onBus = new boolean[FIRST_CAPACITY];
    private int count;
    private int latest;
    private long iovaLength;

    /// @param granule the smallest page of the IOMMU, a power of two
    /// @param boundary mask of the addresses that a segment must not cross, a power of two minus
    ///     one; at least the granule minus one
    /// @param maxSegment longest segment in bytes
    IovaLayout(long granule, long boundary, long maxSegment) {
        this.granule = granule;
        this.boundary = boundary;
        this.joiner = new SegmentJoiner(boundary, maxSegment);
    }

    void begin() {
        count = 0;
        latest = -1;
        iovaLength = 0;
    }

    /// Adds memory that the IOMMU maps.
    void add(long physicalAddress, long length) {
        if (latest >= 0 && latest == count - 1 && extend(physicalAddress, length)) {
            return;
        }
        long within = physicalAddress & (granule - 1);
        long granules = alignUp(within + length);
        long padding = (boundary - iovaLength + 1) & boundary;
        if (padding != 0 && padding < granules - 1 && latest >= 0) {
            taken[latest] += padding;
            iovaLength += padding;
        }
        append(physicalAddress, length, granules, false);
        iovaLength += granules;
        latest = count - 1;
    }

    /// Lets the last run go on, where it stays within the boundary.
    private boolean extend(long physicalAddress, long length) {
        if (addresses[latest] + lengths[latest] != physicalAddress) {
            return false;
        }
        long within = addresses[latest] & (granule - 1);
        long granules = alignUp(within + lengths[latest] + length);
        long start = iovaLength - taken[latest];
        boolean crosses = (start & ~boundary) != ((start + granules - 1) & ~boundary);
        if (crosses && granules <= boundary) {
            return false;
        }
        lengths[latest] += length;
        iovaLength += granules - taken[latest];
        taken[latest] = granules;
        return true;
    }

    /// Adds memory of a peer that is reached by its address on the bus.
    void addBus(long busAddress, long length) {
        append(busAddress, length, 0, true);
    }

    private void append(long address, long length, long granules, boolean bus) {
        if (count == addresses.length) {
            int larger = count * 2;
            addresses = Arrays.copyOf(addresses, larger);
            lengths = Arrays.copyOf(lengths, larger);
            taken = Arrays.copyOf(taken, larger);
            onBus = Arrays.copyOf(onBus, larger);
        }
        addresses[count] = address;
        lengths[count] = length;
        taken[count] = granules;
        onBus[count] = bus;
        count++;
    }

    private long alignUp(long length) {
        return (length + granule - 1) & -granule;
    }

    /// Bytes of IOVA that all of it takes, padding included; 0 when all of it is on the bus.
    long iovaLength() {
        return iovaLength;
    }

    /// Runs of memory, after neighbours were joined, and peers on the bus.
    int count() {
        return count;
    }

    boolean isOnBus(int run) {
        return onBus[run];
    }

    /// Physical address of a run's first granule.
    long granuleAddress(int run) {
        return addresses[run] & -granule;
    }

    /// Bytes of a run in whole granules, without padding.
    long granuleLength(int run) {
        return alignUp((addresses[run] & (granule - 1)) + lengths[run]);
    }

    /// Bytes from a run's first granule to the next run's.
    long stride(int run) {
        return taken[run];
    }

    /// Tells the segments of the device in order.
    ///
    /// @param iova start of the range that was allocated, aligned so that the boundary keeps its
    ///     meaning
    /// @return how many there are
    int emit(long iova, SegmentSink sink) {
        SegmentJoiner segments = joiner.begin(sink);
        long at = iova;
        for (int run = 0; run < count; run++) {
            if (onBus[run]) {
                segments.add(AddressSpace.BUS, addresses[run], lengths[run]);
            } else {
                long from = at + (addresses[run] & (granule - 1));
                segments.add(AddressSpace.IOVA, from, lengths[run]);
                at += taken[run];
            }
        }
        return segments.end();
    }
}
