package org.softverbs.soft.bounce;

/// Why there is no buffer.
public enum BounceRefusal {
    /// Not now: what is free is too little, or in pieces that are too short.
    POOL_FULL,
    /// Never: the mapping is longer than the longest run that the pool knows.
    TOO_LARGE,
    /// Never: no buffer of the pool has the address bits that are wanted.
    ALIGNMENT,
    /// There is no memory at the address that is to be mapped.
    NO_MEMORY,
    /// The buffer's own address is beyond the device's reach.
    OUT_OF_REACH
}
