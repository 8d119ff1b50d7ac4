package org.softverbs.dma;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Physical memory that was given out: where it lies, and a view of its bytes.
///
/// As a [PhysicalVector] it is its runs in order: one when it is contiguous, else one a page.
public interface PhysicalAllocation extends PhysicalVector, AutoCloseable {

    /// The bytes in order, side by side, as a kernel would map them for itself (`vmap`). They come
    /// into being, as zeros, when this is first called or a device first reaches them.
    MemorySegment segment();

    /// Reads bytes as the CPU does. The sanitizer sees it at once; what is done to [#segment]
    /// it sees at the next sync or unmap.
    ///
    /// @param offset first byte
    /// @param target as many bytes as are wanted
    /// @throws IndexOutOfBoundsException when they are not inside
    void read(long offset, MemorySegment target);

    /// Writes bytes as the CPU does; as [#read] for the sanitizer.
    ///
    /// @param offset first byte
    /// @param source the bytes
    /// @throws IndexOutOfBoundsException when they are not inside
    void write(long offset, MemorySegment source);

    /// What is special about its pages.
    Set<PageFlag> flags();

    /// The range that holds a part of it.
    ///
    /// @param offset first byte
    /// @param length bytes, at least 1
    /// @throws IllegalArgumentException when the part is not inside, or lies in more than one run
    PhysicalRange range(long offset, long length);

    /// The part of it from an offset on.
    ///
    /// @throws IllegalArgumentException when the part is empty or not inside
    default PhysicalVector part(long offset, long length) {
        return new BioVector(this, offset, length);
    }

    /// Gives it back. Its addresses reach nothing any more; views that someone still holds stay
    /// readable.
    @Override
    void close();
}
