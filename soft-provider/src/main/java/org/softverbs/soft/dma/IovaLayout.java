package org.softverbs.soft.dma;

import java.util.Arrays;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.SegmentConsumer;

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
    private final boolean joinsInside;
    private final SegmentJoiner joiner;

    private long[] addresses = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private long[] taken = new long[FIRST_CAPACITY];
    private long[] offsets = new long[FIRST_CAPACITY];
    private boolean[] alone = new boolean[FIRST_CAPACITY];
    private boolean[] onBus = new boolean[FIRST_CAPACITY];
    private int count;
    private int latest;
    private long iovaLength;
    private boolean aligned;

    /// @param granule the smallest page of the IOMMU, a power of two
    /// @param boundary mask of the addresses that a segment must not cross, a power of two minus
    ///     one; at least the granule minus one
    /// @param maxSegment longest segment in bytes
    /// @param joinsInside whether physical neighbours that meet inside a granule share it; else
    ///     only those that meet at its border are one
    IovaLayout(long granule, long boundary, long maxSegment, boolean joinsInside) {
        this.granule = granule;
        this.joinsInside = joinsInside;
        this.boundary = boundary;
        this.joiner = new SegmentJoiner(boundary, maxSegment);
    }

    void begin() {
        count = 0;
        latest = -1;
        iovaLength = 0;
        aligned = true;
    }

    /// Adds memory that the IOMMU maps.
    ///
    /// @return number of the run that it belongs to
    int add(long physicalAddress, long length) {
        boolean follows = latest >= 0 && latest == count - 1 && !alone[latest];
        if (!follows || !extend(physicalAddress, length)) {
            addRun(physicalAddress, length, false);
        }
        return latest;
    }

    /// Adds memory that something else stands in for, in granules of its own.
    ///
    /// @return number of its run
    int addAlone(long physicalAddress, long length) {
        addRun(physicalAddress, length, true);
        return latest;
    }

    private void addRun(long physicalAddress, long length, boolean isAlone) {
        long within = physicalAddress & (granule - 1);
        long granules = alignUp(within + length);
        long padding = (boundary - iovaLength + 1) & boundary;
        if (padding != 0 && padding < granules - 1 && latest >= 0) {
            taken[latest] += padding;
            iovaLength += padding;
        }
        aligned &= latest < 0 || (within == 0 && isWhole(addresses[latest] + lengths[latest]));
        append(physicalAddress, length, granules, false);
        alone[count - 1] = isAlone;
        iovaLength += granules;
        latest = count - 1;
    }

    private boolean isWhole(long address) {
        return (address & (granule - 1)) == 0;
    }

    /// Lets the last run go on, where it stays within the boundary.
    private boolean extend(long physicalAddress, long length) {
        if (addresses[latest] + lengths[latest] != physicalAddress
                || !(joinsInside || isWhole(physicalAddress))) {
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
    ///
    /// @return number of its run
    int addBus(long busAddress, long length) {
        append(busAddress, length, 0, true);
        return count - 1;
    }

    private void append(long address, long length, long granules, boolean bus) {
        if (count == addresses.length) {
            int larger = count * 2;
            addresses = Arrays.copyOf(addresses, larger);
            lengths = Arrays.copyOf(lengths, larger);
            taken = Arrays.copyOf(taken, larger);
            offsets = Arrays.copyOf(offsets, larger);
            alone = Arrays.copyOf(alone, larger);
            onBus = Arrays.copyOf(onBus, larger);
        }
        addresses[count] = address;
        lengths[count] = length;
        taken[count] = granules;
        offsets[count] = iovaLength;
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

    /// Physical address of a run's first byte.
    long address(int run) {
        return addresses[run];
    }

    long length(int run) {
        return lengths[run];
    }

    /// Bytes from the start of the range to a run's first granule.
    long offset(int run) {
        return offsets[run];
    }

    /// Bytes of a run in whole granules, without padding.
    private long granuleLength(int run) {
        return alignUp((addresses[run] & (granule - 1)) + lengths[run]);
    }

    /// Whether the device can see all memory in one piece: offsets inside and padding are what
    /// splits it.
    boolean isAligned() {
        return aligned;
    }

    /// The range at its place, with the holes that padding leaves.
    IovaRange range(long iova) {
        long[] holes = new long[FIRST_CAPACITY];
        int used = 0;
        for (int run = 0; run < count; run++) {
            long whole = granuleLength(run);
            if (!onBus[run] && taken[run] > whole) {
                holes = used == holes.length ? Arrays.copyOf(holes, used * 2) : holes;
                holes[used++] = offsets[run] + whole;
                holes[used++] = taken[run] - whole;
            }
        }
        return new IovaRange(iova, iovaLength, Arrays.copyOf(holes, used));
    }

    /// Tells the segments of the device in order.
    ///
    /// @param iova start of the range that was allocated, aligned so that the boundary keeps its
    ///     meaning
    /// @return how many there are
    int emit(long iova, SegmentConsumer sink) {
        SegmentJoiner segments = joiner.begin(sink);
        for (int run = 0; run < count; run++) {
            if (onBus[run]) {
                segments.add(AddressSpace.BUS, addresses[run], lengths[run]);
            } else {
                long from = iova + offsets[run] + (addresses[run] & (granule - 1));
                segments.add(AddressSpace.IOVA, from, lengths[run]);
            }
        }
        return segments.end();
    }
}
