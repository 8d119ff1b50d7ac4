package org.softverbs.soft.wire.roce;

/**
 * Arithmetic on the states of CRC-32 as polynomials over GF(2), bit 31 being the coefficient of 1
 * (the reflected order that {@link java.util.zip.CRC32} uses). Feeding a zero byte to a register
 * multiplies it by x<sup>8</sup>; so a change made {@code n} bytes before the end shows in the CRC
 * multiplied by x<sup>8n</sup>, and multiplying by the inverse brings it back to where it was made.
 */
final class Crc32Algebra {

    private static final int POLYNOMIAL = 0xedb88320;
    private static final int ONE = 1 << 31;
    private static final long ORDER = 0xffff_ffffL; // of x: the polynomial is primitive
    private static final int[] X_TO_POWER_OF_TWO = powersOfTwo();

    private Crc32Algebra() {}

    private static int[] powersOfTwo() {
        int[] powers = new int[Integer.SIZE];
        int power = ONE >>> 1;
        for (int i = 0; i < powers.length; i++) {
            powers[i] = power;
            power = multiply(power, power);
        }
        return powers;
    }

    /** Product modulo the polynomial. */
    static int multiply(int left, int right) {
        int product = 0;
        int shifted = right;
        for (int rest = left; rest != 0; rest <<= 1) {
            product ^= shifted & (rest >> 31);
            shifted = (shifted >>> 1) ^ (POLYNOMIAL & -(shifted & 1));
        }
        return product;
    }

    /** The power of x with exponent {@code -8 * bytes}. */
    static int inverseOfBytes(int bytes) {
        return power(ORDER - 8L * bytes % ORDER);
    }

    /** The power of x with exponent {@code 8 * bytes}. */
    static int ofBytes(int bytes) {
        return power(8L * bytes % ORDER);
    }

    private static int power(long exponent) {
        int product = ONE;
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((exponent >>> bit & 1) != 0) {
                product = multiply(product, X_TO_POWER_OF_TWO[bit]);
            }
        }
        return product;
    }
}
