package org.softverbs.soft.bounce;

/// A range of IOVAs and where it leads. It is a node of the [IntervalTree] as well, as `struct
/// vhost_iotlb_map` is in Linux.
public final class IotlbMap {

    private final long start;
    private final long last;
    private final long address;
    private final IotlbPermission permission;

    IotlbMap left = this;
    IotlbMap right = this;
    IotlbMap parent = this;
    boolean red;

    /// Greatest last of this node and all below it, unsigned.
    long subtreeLast;

    IotlbMap(long start, long last, long address, IotlbPermission permission) {
        this.start = start;
        this.last = last;
        this.address = address;
        this.permission = permission;
        this.subtreeLast = last;
    }

    /// The first IOVA, unsigned.
    public long start() {
        return start;
    }

    /// The last IOVA, unsigned.
    public long last() {
        return last;
    }

    /// Where the first IOVA leads.
    public long address() {
        return address;
    }

    public IotlbPermission permission() {
        return permission;
    }

    boolean startsAtOrBelow(long iova) {
        return Long.compareUnsigned(start, iova) <= 0;
    }

    boolean endsAtOrAbove(long iova) {
        return Long.compareUnsigned(last, iova) >= 0;
    }

    @Override
    public String toString() {
        return "0x%x-0x%x to 0x%x %s".formatted(start, last, address, permission);
    }
}
