package org.softverbs.dma;

/// A part of a vector of block I/O: from one position in it to another, so that a long request is
/// worked off piece by piece without copying its list.
///
/// Kernel name: `struct bio_vec` with `struct bvec_iter`.
public final class BioVector implements PhysicalVector {

    private final PhysicalVector elements;
    private final int first;
    private final long skipped;
    private final long cut;
    private final int count;
    private final long length;

    /// The whole of a vector.
    public BioVector(PhysicalVector elements) {
        this(elements, 0, elements.total());
    }

    /// A part of a vector.
    ///
    /// @param elements the whole
    /// @param offset bytes left out at the front
    /// @param length bytes of the part, at least 1
    /// @throws IllegalArgumentException when the part is empty or not inside the whole
    public BioVector(PhysicalVector elements, long offset, long length) {
        long total = elements.total();
        if (offset < 0 || length < 1 || offset > total - length) {
            throw new IllegalArgumentException(
                    length + " bytes from " + offset + " are no part of " + total + " bytes");
        }
        int index = 0;
        long rest = offset;
        while (rest >= elements.length(index)) {
            rest -= elements.length(index++);
        }
        this.elements = elements;
        this.first = index;
        this.skipped = rest;
        this.length = length;
        long covered = elements.length(index) - rest;
        while (covered < length) {
            covered += elements.length(++index);
        }
        this.count = index - first + 1;
        this.cut = covered - length;
    }

    /// What is left behind the first bytes of this part.
    ///
    /// @throws IllegalArgumentException when nothing would be left
    public BioVector advance(long bytes) {
        return new BioVector(this, bytes, length - bytes);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long address(int index) {
        return elements.address(first + index) + (index == 0 ? skipped : 0);
    }

    @Override
    public long length(int index) {
        long whole = elements.length(first + index);
        return whole - (index == 0 ? skipped : 0) - (index == count - 1 ? cut : 0);
    }

    @Override
    public long total() {
        return length;
    }
}
