package org.softverbs.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Sge;

/// Registered memory and its bytes, as the program sees them.
///
/// @param region the registration
/// @param bytes the memory
public record Buffer(MemoryRegion region, MemorySegment bytes) {

    /// All of it.
    public Sge all() {
        return region.element();
    }

    /// A part of it.
    public Sge part(long offset, long length) {
        return region.element(offset, length);
    }

    /// Any bytes by its key, inside or not.
    public Sge outside(long offset, int length) {
        return new Sge(region.address() + offset, length, region.localKey());
    }

    /// All of it, by another key.
    public Sge by(int localKey) {
        return new Sge(region.address(), (int) region.length(), localKey);
    }

    public long address() {
        return region.address();
    }

    public int key() {
        return region.remoteKey();
    }

    /// Fills it with bytes of a pattern that begins with a value.
    public Buffer fill(int value) {
        for (long i = 0; i < bytes.byteSize(); i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (value + i * 7 + (i >> 8)));
        }
        return this;
    }

    /// Whether its bytes are those of another.
    public boolean equalsBytes(Buffer other) {
        return bytes.mismatch(other.bytes) == -1;
    }

    /// A copy of its bytes.
    public byte[] copy() {
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    /// The 8 bytes at an offset.
    public long word(long offset) {
        return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    /// Sets the 8 bytes at an offset.
    public Buffer word(long offset, long value) {
        bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
        return this;
    }
}
