package org.softverbs.soft.wire.roce;

import java.util.Arrays;

/**
 * Which wrong IP IDs one or two flipped bits can pretend. A receiver that solves for the IP ID
 * takes any error whose effect on the CRC equals that of another ID for that ID. Damage is
 * described where the ID stands (see {@link Crc32Algebra}), so that it does not depend on the
 * length of the packet: a flipped bit at some distance behind the ID is one 32-bit column, and
 * damage pretends an ID exactly when the columns add up to a value whose upper half is zero. The
 * lower half is then the XOR of the true and the pretended ID. About one XOR in a hundred can be
 * pretended in a packet of 1 KiB, one in seven in the longest.
 */
final class DamageTable {

    /** Bytes from the IP ID to the UDP header, which is the first that a receiver sees. */
    static final int FIRST_BYTE = 16;

    private static final int BYTES_MAX = IcrcVerifier.BYTES_BEFORE_BTH + PacketCheck.DATAGRAM_MAX;
    private static final DamageTable INSTANCE = new DamageTable();

    /** For each XOR the shortest range, in bytes from the IP ID, in which it occurs; 0 for none. */
    private final char[] shortest = new char[1 << 16];

    private DamageTable() {
        long[] columns = columns();
        Arrays.sort(columns);
        for (int i = 0; i < columns.length; i++) {
            if (upperHalf(columns[i]) == 0) {
                note(columns[i], columns[i]);
            }
            for (int j = i + 1;
                    j < columns.length && upperHalf(columns[i]) == upperHalf(columns[j]);
                    j++) {
                note(columns[i] ^ (columns[j] & 0xffff_ffff_0000_0000L), columns[j]);
            }
        }
    }

    static DamageTable instance() {
        return INSTANCE;
    }

    /**
     * Whether two bits or one, flipped in a packet, make one ID look like the other.
     *
     * @param xor of both IDs, with the bytes swapped as {@link IcrcVerifier} solves for them
     * @param bytes from the IP ID to the end of the ICRC
     */
    boolean canPretend(int xor, int bytes) {
        int needed = shortest[xor];
        return (needed != 0 && needed <= bytes) || bytes > BYTES_MAX;
    }

    /** Each flipped bit: its column above, the distance of the byte after it below. */
    private static long[] columns() {
        long[] columns = new long[(BYTES_MAX - FIRST_BYTE) * Byte.SIZE];
        int oneByteBack = Crc32Algebra.inverseOfBytes(1);
        int next = 0;
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            int column = Crc32Algebra.multiply(Crc32Algebra.inverseOfBytes(FIRST_BYTE), 1 << bit);
            for (int at = FIRST_BYTE; at < BYTES_MAX; at++) {
                columns[next++] = (long) column << 32 | at + 1;
                column = Crc32Algebra.multiply(column, oneByteBack);
            }
        }
        return columns;
    }

    private static long upperHalf(long column) {
        return column >>> 48;
    }

    private void note(long sum, long other) {
        int xor = (int) (sum >>> 32) & 0xffff;
        int bytes = Math.max((int) sum & 0xffff, (int) other & 0xffff);
        if (shortest[xor] == 0 || shortest[xor] > bytes) {
            shortest[xor] = (char) bytes;
        }
    }
}
