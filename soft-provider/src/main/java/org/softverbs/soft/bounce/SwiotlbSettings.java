package org.softverbs.soft.bounce;

import java.util.Set;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalMemoryRequest;

/// How a pool of slots is made.
///
/// @param bytes size, rounded up to whole segments of 256 KiB
/// @param cpus how many CPUs take slots; the next power of two is the number of areas, less when an
///     area would be smaller than a segment
/// @param below address that every slot lies below
/// @param decrypted whether any device may reach the slots; else their pages are
///     [PageFlag#PRIVATE], as all memory of a confidential guest is before it is decrypted
public record SwiotlbSettings(long bytes, int cpus, long below, boolean decrypted) {

    /// What Linux takes when it is not told otherwise.
    public static final long DEFAULT_BYTES = 64L << 20;

    private static final long FOUR_GIBIBYTES = 1L << 32;

    /// @throws IllegalArgumentException when there would be no slot or no CPU
    public SwiotlbSettings {
        if (bytes < 1 || cpus < 1) {
            throw new IllegalArgumentException(bytes + " bytes for " + cpus + " CPUs");
        }
    }

    /// 64 MiB below 4 GiB, decrypted.
    ///
    /// @param cpus how many CPUs take slots
    public static SwiotlbSettings defaults(int cpus) {
        return new SwiotlbSettings(DEFAULT_BYTES, cpus, FOUR_GIBIBYTES, true);
    }

    /// The same with another size.
    public SwiotlbSettings withBytes(long size) {
        return new SwiotlbSettings(size, cpus, below, decrypted);
    }

    /// The same with pages that are decrypted or not.
    public SwiotlbSettings withDecrypted(boolean reachable) {
        return new SwiotlbSettings(bytes, cpus, below, reachable);
    }

    /// Large pools start at a multiple of 2 MiB, so that an offset of the bus changes no low bits.
    PhysicalMemoryRequest request(long length) {
        long large = PageSize.SIZE_2M.bytes();
        return new PhysicalMemoryRequest(
                length,
                length % large == 0 ? PageSize.SIZE_2M : PageSize.SIZE_4K,
                true,
                below,
                decrypted ? Set.of() : Set.of(PageFlag.PRIVATE));
    }
}
