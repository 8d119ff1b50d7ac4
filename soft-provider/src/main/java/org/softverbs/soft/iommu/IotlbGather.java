package org.softverbs.soft.iommu;

/// What an unmap leaves to be invalidated in the IOTLB, gathered so that one command does for many
/// pages: neighbours of the same size are joined, anything else is sent first.
///
/// A queued one gathers nothing: the flush queue invalidates everything later. One for a batch
/// joins whatever it gets: all from the first address to the last is invalidated once.
///
/// For one thread; can be used again after [IommuDomain#sync].
///
/// Kernel name: `struct iommu_iotlb_gather`.
public final class IotlbGather {

    private final boolean queued;
    private final boolean batch;
    private long first;
    private long end;
    private long pageSize;

    private IotlbGather(boolean queued, boolean batch) {
        this.queued = queued;
        this.batch = batch;
    }

    /// One that invalidates when the unmap is done.
    public static IotlbGather strict() {
        return new IotlbGather(false, false);
    }

    /// One that leaves it to the flush queue.
    public static IotlbGather queued() {
        return new IotlbGather(true, false);
    }

    /// One that invalidates when many unmaps are done.
    public static IotlbGather batch() {
        return new IotlbGather(false, true);
    }

    /// Whether the flush queue invalidates.
    public boolean isQueued() {
        return queued;
    }

    /// Whether there is nothing to invalidate.
    public boolean isEmpty() {
        return pageSize == 0;
    }

    /// The first address to invalidate.
    public long first() {
        return first;
    }

    /// The last address to invalidate.
    public long last() {
        return end - 1;
    }

    /// Whether pages touch what was gathered and are of the same size, or nothing was gathered.
    boolean accepts(long from, long length, long size) {
        return isEmpty() || batch || (size == pageSize && from <= end && from + length >= first);
    }

    void add(long from, long length, long size) {
        first = isEmpty() ? from : Math.min(first, from);
        end = isEmpty() ? from + length : Math.max(end, from + length);
        pageSize = size;
    }

    void clear() {
        first = 0;
        end = 0;
        pageSize = 0;
    }
}
