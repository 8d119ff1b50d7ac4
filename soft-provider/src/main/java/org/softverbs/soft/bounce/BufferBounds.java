package org.softverbs.soft.bounce;

/// What a part of a buffer is checked for before it is copied.
final class BufferBounds {

    private BufferBounds() {}

    /// @param position first byte, counted from the buffer's first
    /// @param length bytes of the part
    /// @param size bytes of the buffer
    static BounceCheck check(long position, long length, long size) {
        if (position < 0) {
            return BounceCheck.BEFORE_MAPPING;
        }
        if (position > size) {
            return BounceCheck.OFFSET_OVERFLOW;
        }
        return length > size - position ? BounceCheck.SIZE_OVERFLOW : BounceCheck.OK;
    }

    /// Whether bytes are copied after a check: what is inside, also of a part that is too long.
    static boolean copies(BounceCheck check) {
        return check == BounceCheck.OK || check == BounceCheck.SIZE_OVERFLOW;
    }
}
