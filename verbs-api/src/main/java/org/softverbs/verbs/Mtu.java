package org.softverbs.verbs;

/// A path MTU: the most payload one packet carries.
///
/// Verbs name: `ibv_mtu` / `ib_mtu`; [#number()] is the C value.
public enum Mtu {
    MTU_256(1, 256),
    MTU_512(2, 512),
    MTU_1024(3, 1024),
    MTU_2048(4, 2048),
    MTU_4096(5, 4096);

    private final int number;
    private final int bytes;

    Mtu(int number, int bytes) {
        this.number = number;
        this.bytes = bytes;
    }

    public int number() {
        return number;
    }

    public int bytes() {
        return bytes;
    }

    /// The MTU of exactly that many bytes.
    ///
    /// @throws IllegalArgumentException when it is none of 256, 512, 1024, 2048, 4096
    public static Mtu ofBytes(int bytes) {
        for (Mtu mtu : values()) {
            if (mtu.bytes == bytes) {
                return mtu;
            }
        }
        throw new IllegalArgumentException(
                "path MTU " + bytes + " is none of 256, 512, 1024, 2048, 4096");
    }

    /// The largest MTU that fits `bytes`, or the smallest of all.
    public static Mtu largestWithin(int bytes) {
        Mtu largest = MTU_256;
        for (Mtu mtu : values()) {
            if (mtu.bytes <= bytes) {
                largest = mtu;
            }
        }
        return largest;
    }
}
