package org.softverbs.soft.physical;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Physical memory that exists where it was allocated. Addresses are given out upwards, so that one
/// which was given back is not used again soon.
///
/// Looking up allocates nothing and takes no lock: it reads an array that each change replaces.
public final class SparsePhysicalMemory implements PhysicalMemory {

    private static final PageBlock[] NOTHING = {};

    /// Sorted by address.
    private volatile PageBlock[] blocks = NOTHING;

    private volatile @Nullable MemoryObserver observer;

    private final Map<Zone, Long> next = new EnumMap<>(Zone.class);

    @Override
    public PhysicalAllocation allocate(PhysicalMemoryRequest request) {
        return allocate(request, Zone.of(request), request.flags());
    }

    /// Gives names to memory that a device keeps for itself: [#flags] knows them, but they lead
    /// to no bytes.
    ///
    /// @param length bytes, at least 1
    /// @throws VerbsException `ENOMEM` when there are no names left
    public PhysicalAllocation nameDevicePrivate(long length) {
        return allocate(
                PhysicalMemoryRequest.contiguous(length),
                Zone.DEVICE_PRIVATE,
                Set.of(PageFlag.DEVICE_PRIVATE));
    }

    private synchronized PhysicalAllocation allocate(
            PhysicalMemoryRequest request, Zone zone, Set<PageFlag> flags) {
        long pageBytes = request.pageSize().bytes();
        long pages = (request.length() - 1) / pageBytes + 1;
        long end = Math.min(zone.end(), request.below());
        long stride = request.contiguous() ? pageBytes : 2 * pageBytes;
        if (pages > (end - zone.first()) / stride) {
            throw noRoom(request, end);
        }
        // A page stays free behind each block: runs of two allocations are never neighbours.
        long span = pages * stride + PageSize.SIZE_4K.bytes();
        long from = next.getOrDefault(zone, zone.first());
        long first =
                gap(from, end, span, pageBytes)
                        .or(() -> gap(zone.first(), end, span, pageBytes))
                        .orElseThrow(() -> noRoom(request, end));
        PageBlock block = new PageBlock(this, first, pageBytes, stride, request.length(), flags);
        insert(block);
        next.put(zone, first + span);
        return block;
    }

    /// Puts the memory of a device at a fixed place.
    ///
    /// @param address a multiple of 4096, outside of what [#allocate] gives out
    /// @param length a multiple of 4096
    public synchronized PhysicalAllocation placeDevice(long address, long length) {
        long page = PageSize.SIZE_4K.bytes();
        if (address < Zone.HIGH.end() || address % page != 0 || length % page != 0) {
            throw new IllegalArgumentException(
                    "no place for a device: "
                            + length
                            + " bytes at 0x"
                            + Long.toHexString(address));
        }
        PageBlock block = new PageBlock(this, address, page, page, length, Set.of(PageFlag.DEVICE));
        insert(block);
        return block;
    }

    private static VerbsException noRoom(PhysicalMemoryRequest request, long end) {
        return new VerbsException(
                Errno.ENOMEM,
                "allocate",
                "length "
                        + request.length()
                        + " finds no room below 0x"
                        + Long.toHexString(end)
                        + " of physical memory");
    }

    /// The lowest free place from an address on.
    private Optional<Long> gap(long from, long end, long span, long alignment) {
        PageBlock[] now = blocks;
        long at = alignUp(from, alignment);
        int index = floor(now, at);
        if (index >= 0) {
            at = Math.max(at, alignUp(endWithGuard(now[index]), alignment));
        }
        for (index++; index < now.length && now[index].first() < at + span; index++) {
            at = alignUp(endWithGuard(now[index]), alignment);
        }
        return at <= end - span ? Optional.of(at) : Optional.empty();
    }

    private static long endWithGuard(PageBlock block) {
        return block.end() + PageSize.SIZE_4K.bytes();
    }

    private static long alignUp(long address, long alignment) {
        return (address + alignment - 1) / alignment * alignment;
    }

    private void insert(PageBlock block) {
        PageBlock[] now = blocks;
        int at = floor(now, block.first()) + 1;
        PageBlock[] more = new PageBlock[now.length + 1];
        System.arraycopy(now, 0, more, 0, at);
        more[at] = block;
        System.arraycopy(now, at, more, at + 1, now.length - at);
        blocks = more;
    }

    /// Takes a block out; a second time does nothing.
    void release(PageBlock block) {
        if (remove(block)) {
            MemoryObserver watching = observer;
            if (watching != null) {
                watching.released(block);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private synchronized boolean remove(PageBlock block) {
        int before = blocks.length;
        blocks = Arrays.stream(blocks).filter(other -> other != block).toArray(PageBlock[]::new);
        return blocks.length < before;
    }

    /// Tells an observer from now on, the only one.
    public void observe(MemoryObserver newObserver) {
        observer = newObserver;
    }

    @Nullable MemoryObserver observer() {
        return observer;
    }

    /// Index of the last block that starts at an address or below, or -1.
    private static int floor(PageBlock[] sorted, long address) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle].first() <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private static @Nullable PageBlock blockAt(PageBlock[] sorted, long address) {
        int index = floor(sorted, address);
        if (index < 0 || sorted[index].offsetOf(address) < 0) {
            return null;
        }
        return sorted[index];
    }

    /// Finds the bytes of a physical range.
    ///
    /// @param length bytes, at least 1
    /// @param runs where they are added; left alone when a part of the range is no memory
    /// @return false when a part of the range is no memory
    public boolean resolve(long address, long length, RunList runs) {
        PageBlock[] now = blocks;
        if (!isMemory(now, address, length)) {
            return false;
        }
        long at = address;
        long rest = length;
        while (rest > 0) {
            PageBlock block = now[floor(now, at)];
            long offset = block.offsetOf(at);
            long run = Math.min(rest, block.runFrom(offset));
            runs.add(block.pageBytes(), offset, run);
            at += run;
            rest -= run;
        }
        return true;
    }

    /// Whether every byte of a range is memory that the kernel's linear map has: neither high
    /// memory nor a device's.
    public boolean isInLinearMap(long address, long length) {
        PageBlock[] now = blocks;
        long at = address;
        long rest = length;
        while (rest > 0) {
            PageBlock block = blockAt(now, at);
            if (block == null
                    || block.flags().contains(PageFlag.HIGHMEM)
                    || block.flags().contains(PageFlag.DEVICE)
                    || block.flags().contains(PageFlag.DEVICE_PRIVATE)) {
                return false;
            }
            long run = block.runFrom(block.offsetOf(at));
            at += run;
            rest -= run;
        }
        return true;
    }

    /// Whether every byte of a range is memory that something on the bus can address.
    public boolean isMemory(long address, long length) {
        return isMemory(blocks, address, length);
    }

    private static boolean isMemory(PageBlock[] sorted, long address, long length) {
        long at = address;
        long rest = length;
        while (rest > 0) {
            PageBlock block = blockAt(sorted, at);
            if (block == null || block.flags().contains(PageFlag.DEVICE_PRIVATE)) {
                return false;
            }
            long run = block.runFrom(block.offsetOf(at));
            at += run;
            rest -= run;
        }
        return true;
    }

    @Override
    public Set<PageFlag> flags(long address) {
        return require(address, "flags").flags();
    }

    /// Whether the page at an address is there and has a flag; as [#flags], but never throws.
    public boolean hasFlag(long address, PageFlag flag) {
        PageBlock block = blockAt(blocks, address);
        return block != null && block.flags().contains(flag);
    }

    /// Whether the page at an address is private to its guest and not shared with the host.
    public boolean isPrivate(long address) {
        return hasFlag(address, PageFlag.PRIVATE) && !hasFlag(address, PageFlag.SHARED);
    }

    @Override
    public long kernelAddress(long physicalAddress) {
        Set<PageFlag> flags = require(physicalAddress, "kernelAddress").flags();
        if (flags.contains(PageFlag.HIGHMEM) || flags.contains(PageFlag.DEVICE_PRIVATE)) {
            throw new VerbsException(
                    Errno.EFAULT,
                    "kernelAddress",
                    (flags.contains(PageFlag.HIGHMEM) ? "high" : "device-private")
                            + " memory at 0x"
                            + Long.toHexString(physicalAddress)
                            + " is not in the kernel's linear map");
        }
        return LinearMap.virtual(physicalAddress);
    }

    private PageBlock require(long address, String verb) {
        PageBlock block = blockAt(blocks, address);
        if (block == null) {
            throw new VerbsException(
                    Errno.EFAULT,
                    verb,
                    "there is no memory at physical address 0x" + Long.toHexString(address));
        }
        return block;
    }
}
