package org.softverbs.soft.bounce;

/// How a VDUSE domain is made.
///
/// @param bounceBytes size of the stream window, in which memory is bounced; a multiple of 4096
/// @param iovaLimit the highest IOVA; what lies above the stream window is for coherent memory
/// @param clearPadding whether bytes of bounce pages that a mapping does not fill are cleared.
///     Linux leaves them as they were, for the user to read
public record VduseSettings(long bounceBytes, long iovaLimit, boolean clearPadding) {

    /// @throws IllegalArgumentException when a window would be empty
    public VduseSettings {
        if (bounceBytes < 2 * VduseDomain.PAGE_BYTES
                || bounceBytes % VduseDomain.PAGE_BYTES != 0
                || iovaLimit < bounceBytes + VduseDomain.PAGE_BYTES - 1) {
            throw new IllegalArgumentException(
                    "stream window of "
                            + bounceBytes
                            + " bytes below IOVA 0x"
                            + Long.toHexString(iovaLimit));
        }
    }

    /// As in Linux: 64 MiB of 128 MiB, nothing is cleared.
    public static VduseSettings defaults() {
        return new VduseSettings(64L << 20, (128L << 20) - 1, false);
    }

    /// The same with padding cleared.
    public VduseSettings withClearPadding() {
        return new VduseSettings(bounceBytes, iovaLimit, true);
    }

    /// The stream window's pages in a bitmap. Page 0 is left out: 0 is no good address.
    public IovaWindow streamWindow() {
        return new BitmapWindow(1, bounceBytes / VduseDomain.PAGE_BYTES - 1);
    }

    /// The consistent window's pages in a bitmap.
    public IovaWindow consistentWindow() {
        return new BitmapWindow(
                bounceBytes / VduseDomain.PAGE_BYTES, iovaLimit / VduseDomain.PAGE_BYTES);
    }
}
