package org.softverbs.soft.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.softverbs.verbs.SignatureGuard;

/// The guard of a block of data.
///
/// Source: SBC-4 section 4.22; `crc_t10dif` and `ip_compute_csum` of Linux.
final class T10Guard {

    private static final int POLYNOMIAL = 0x8bb7;
    private static final int[] TABLE = table();
    private static final ValueLayout.OfShort WORD =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private T10Guard() {}

    private static int[] table() {
        int[] table = new int[256];
        for (int value = 0; value < table.length; value++) {
            int crc = value << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
            }
            table[value] = crc & 0xffff;
        }
        return table;
    }

    /// @return 16 bits
    static int of(SignatureGuard guard, MemorySegment block) {
        return switch (guard) {
            case CRC -> crc(block);
            case IP_CHECKSUM -> checksum(block);
        };
    }

    private static int crc(MemorySegment block) {
        int crc = 0;
        for (long at = 0; at < block.byteSize(); at++) {
            int next = (crc >>> 8) ^ (block.get(ValueLayout.JAVA_BYTE, at) & 0xff);
            crc = ((crc << 8) ^ TABLE[next]) & 0xffff;
        }
        return crc;
    }

    private static int checksum(MemorySegment block) {
        long sum = 0;
        for (long at = 0; at < block.byteSize(); at += 2) {
            sum += block.get(WORD, at) & 0xffff;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) ~sum & 0xffff;
    }
}
