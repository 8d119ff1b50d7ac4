package org.softverbs.soft.bounce;

/// How one device bounces.
///
/// @param pool how its pools are made
/// @param forceBounce whether all it does is bounced, also what it could reach
/// @param growsTo most pools it gets when they are full; 1 for no growth and no transient pools
/// @param mask the highest address that it can say, a power of two minus one or any other
/// @param busOffset bus address minus physical address, a multiple of 2 MiB
/// @param busStartsAtPool whether the offset is such that its first pool starts at bus address 0
public record SwiotlbDeviceSettings(
        SwiotlbSettings pool,
        boolean forceBounce,
        int growsTo,
        long mask,
        long busOffset,
        boolean busStartsAtPool) {

    private static final long OFFSET_UNIT = 2L << 20;

    /// @throws IllegalArgumentException for no pool, or an offset that changes the low bits of
    ///     addresses
    public SwiotlbDeviceSettings {
        if (growsTo < 1 || busOffset % OFFSET_UNIT != 0) {
            throw new IllegalArgumentException(
                    growsTo + " pools at a bus offset of 0x" + Long.toHexString(busOffset));
        }
        if (busStartsAtPool && pool.bytes() % OFFSET_UNIT != 0) {
            throw new IllegalArgumentException(
                    "a pool of " + pool.bytes() + " bytes does not start at a multiple of 2 MiB");
        }
    }

    /// A device that reaches 32 bits and bounces what lies beyond; no offset and no growth.
    public static SwiotlbDeviceSettings of(SwiotlbSettings pool) {
        return new SwiotlbDeviceSettings(pool, false, 1, 0xffff_ffffL, 0, false);
    }

    /// The same, but everything is bounced.
    public SwiotlbDeviceSettings withForcedBounce() {
        return new SwiotlbDeviceSettings(pool, true, growsTo, mask, busOffset, busStartsAtPool);
    }

    /// The same with growth.
    public SwiotlbDeviceSettings withGrowth(int mostPools) {
        return new SwiotlbDeviceSettings(
                pool, forceBounce, mostPools, mask, busOffset, busStartsAtPool);
    }

    /// The same with another reach.
    public SwiotlbDeviceSettings withMask(long highest) {
        return new SwiotlbDeviceSettings(
                pool, forceBounce, growsTo, highest, busOffset, busStartsAtPool);
    }

    /// The same with a bus at a distance.
    public SwiotlbDeviceSettings withBusOffset(long offset) {
        return new SwiotlbDeviceSettings(pool, forceBounce, growsTo, mask, offset, false);
    }

    /// The same with a bus that starts where the pool does.
    public SwiotlbDeviceSettings withBusAtPool() {
        return new SwiotlbDeviceSettings(pool, forceBounce, growsTo, mask, 0, true);
    }
}
