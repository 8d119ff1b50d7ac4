package org.softverbs.soft.physical;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalRange;

/// Pages at equal distances that were given out together, and their bytes side by side.
final class PageBlock implements PhysicalAllocation {

    private static final long ALIGNMENT = 4096;
    private static final long SPARSE_BYTES = 64L << 20;

    private final SparsePhysicalMemory memory;
    private final long first;
    private final long pageBytes;
    private final long stride;
    private final long length;
    private final Set<PageFlag> flags;
    private @Nullable MemorySegment bytes;

    /// @param first address of the first page
    /// @param pageBytes size of a page
    /// @param stride distance from page to page; the size of a page when they are neighbours
    /// @param length bytes that were asked for
    PageBlock(
            SparsePhysicalMemory memory,
            long first,
            long pageBytes,
            long stride,
            long length,
            Set<PageFlag> flags) {
        this.memory = memory;
        this.first = first;
        this.pageBytes = pageBytes;
        this.stride = stride;
        this.length = length;
        this.flags = flags;
    }

    private boolean isContiguous() {
        return stride == pageBytes;
    }

    private long pages() {
        return (length + pageBytes - 1) / pageBytes;
    }

    long first() {
        return first;
    }

    /// The address behind its last page.
    long end() {
        return first + (pages() - 1) * stride + pageBytes;
    }

    /// Where in [#pageBytes()] the byte at an address is, or -1 when it is not this block's.
    long offsetOf(long address) {
        long distance = address - first;
        long within = distance % stride;
        if (distance < 0 || within >= pageBytes || address >= end()) {
            return -1;
        }
        return distance / stride * pageBytes + within;
    }

    /// Bytes from an offset in [#pageBytes()] to the end of its run of addresses.
    long runFrom(long offset) {
        return (isContiguous() ? pages() * pageBytes : (offset / pageBytes + 1) * pageBytes)
                - offset;
    }

    /// All bytes of its pages, also what is left of the last one: a device that is given a page
    /// reaches all of it.
    synchronized MemorySegment pageBytes() {
        MemorySegment existing = bytes;
        if (existing == null) {
            existing = newBytes(pages() * pageBytes);
            bytes = existing;
        }
        return existing;
    }

    /// Not closed by hand: packets and views may outlive the allocation. Much memory is a file that
    /// has no name and no bytes until somebody writes them; few of a gigabyte's pages are ever
    /// looked at.
    private static MemorySegment newBytes(long size) {
        if (size >= SPARSE_BYTES) {
            try {
                return newSparseBytes(size);
            } catch (IOException noSuchFiles) {
                return Arena.ofAuto().allocate(size, ALIGNMENT);
            }
        }
        return Arena.ofAuto().allocate(size, ALIGNMENT);
    }

    private static MemorySegment newSparseBytes(long size) throws IOException {
        Path file = Files.createTempFile("softverbs", ".memory");
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto());
        }
    }

    @Override
    public MemorySegment segment() {
        return pageBytes().asSlice(0, length);
    }

    @Override
    public void read(long offset, MemorySegment target) {
        copy(offset, target, false);
    }

    @Override
    public void write(long offset, MemorySegment source) {
        copy(offset, source, true);
    }

    private void copy(long offset, MemorySegment other, boolean write) {
        Objects.checkFromIndexSize(offset, other.byteSize(), length);
        MemoryObserver observer = memory.observer();
        long done = 0;
        while (observer != null && done < other.byteSize()) {
            long run = Math.min(runFrom(offset + done), other.byteSize() - done);
            observer.cpuAccess(range(offset + done, run).address(), run, write);
            done += run;
        }
        MemorySegment own = segment().asSlice(offset, other.byteSize());
        (write ? own : other).copyFrom(write ? other : own);
    }

    @Override
    public Set<PageFlag> flags() {
        return flags;
    }

    @Override
    public PhysicalRange range(long offset, long size) {
        if (offset < 0 || size < 1 || offset > length - size) {
            throw new IllegalArgumentException(
                    size + " bytes from " + offset + " are not within the " + length + " bytes");
        }
        if (size > runFrom(offset)) {
            throw new IllegalArgumentException(
                    size + " bytes from " + offset + " lie in pages that are not neighbours");
        }
        return new PhysicalRange(first + offset / pageBytes * stride + offset % pageBytes, size);
    }

    @Override
    public int count() {
        return isContiguous() ? 1 : Math.toIntExact(pages());
    }

    @Override
    public long address(int index) {
        return first + Objects.checkIndex(index, count()) * stride;
    }

    @Override
    public long length(int index) {
        return isContiguous()
                ? length
                : Math.min(pageBytes, length - Objects.checkIndex(index, count()) * pageBytes);
    }

    @Override
    public long total() {
        return length;
    }

    @Override
    public void close() {
        memory.release(this);
    }

    @Override
    public String toString() {
        return length + " bytes of physical memory at 0x" + Long.toHexString(first);
    }
}
