package org.softverbs.dma;

/// What a caller of the two-step calls of [RawDma] keeps: 16 bytes.
///
/// For one thread at a time. Kernel name: `struct dma_iova_state`.
public final class IovaState {

    private long address;
    private long size;

    /// A state in which nothing is allocated.
    public IovaState() {}

    /// The first I/O virtual address; as far from the start of its granule as the memory is.
    public long address() {
        return address;
    }

    /// Bytes that were asked for; 0 when nothing is allocated.
    public long size() {
        return size;
    }

    /// Whether addresses are allocated (`dma_use_iova`).
    public boolean isAllocated() {
        return size != 0;
    }

    /// Sets both; for the DMA layer.
    ///
    /// @param newAddress the first address
    /// @param newSize bytes; 0 for none
    public void set(long newAddress, long newSize) {
        address = newAddress;
        size = newSize;
    }
}
