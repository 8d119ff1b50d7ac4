package org.softverbs.soft.bounce;

/// What a pool finds out about a call of a driver. All but [#OK] are bugs of the driver.
///
/// Source: the warnings of `swiotlb_bounce` in `kernel/dma/swiotlb.c`.
public enum BounceCheck {
    OK,
    /// There is no mapping at the address; nothing was done.
    NOT_MAPPED,
    /// An unmap names an address inside of a mapping; nothing was done.
    NOT_THE_START,
    /// "Access before mapping start detected": the address lies in the buffer's first slot, but
    /// before its first byte; nothing was copied.
    BEFORE_MAPPING,
    /// "Buffer overflow detected": the address lies behind the buffer's last byte; nothing was
    /// copied.
    OFFSET_OVERFLOW,
    /// "Buffer overflow detected": the bytes end behind the buffer; those inside were copied.
    SIZE_OVERFLOW,
    /// The memory was given back while it was mapped; nothing was copied.
    MEMORY_GONE
}
