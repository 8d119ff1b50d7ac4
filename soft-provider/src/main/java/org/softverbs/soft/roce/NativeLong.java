package org.softverbs.soft.roce;

import java.nio.ByteOrder;

/// Eight bytes as a number in the byte order of this host.
final class NativeLong {

    private NativeLong() {}

    /// By how many bits the byte at an index is shifted.
    static int shift(int index) {
        int position =
                ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? index : Long.BYTES - 1 - index;
        return position * Byte.SIZE;
    }
}
