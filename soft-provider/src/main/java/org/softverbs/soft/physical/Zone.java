package org.softverbs.soft.physical;

import java.util.Set;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalMemoryRequest;

/// A part of the physical address space. Zones keep away from the addresses of other spaces, so
/// that a mixed-up address hits nothing: user memory and the kernel's linear map lie far above,
/// IOVAs grow down from 4 GiB and from 256 TiB.
enum Zone {
    /// Below 4 GiB, for devices that reach no further. The first megabyte stays free, as on a PC.
    LOW(1L << 20, 3L << 30),
    NORMAL(1L << 32, 1L << 40),
    HIGH(1L << 40, 1L << 41),
    /// Names of device-private pages, beyond what any bus carries
    /// (`request_free_mem_region`).
    DEVICE_PRIVATE(1L << 50, 1L << 51);

    private final long first;
    private final long end;

    Zone(long first, long end) {
        this.first = first;
        this.end = end;
    }

    long first() {
        return first;
    }

    /// The address behind the last.
    long end() {
        return end;
    }

    static Zone of(PhysicalMemoryRequest request) {
        return of(request.flags(), request.below());
    }

    private static Zone of(Set<PageFlag> flags, long below) {
        if (flags.contains(PageFlag.HIGHMEM)) {
            return HIGH;
        }
        return below > NORMAL.first ? NORMAL : LOW;
    }
}
