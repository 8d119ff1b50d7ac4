package org.softverbs.ulp.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A client's request, 32 bytes in network order, sent by SEND:
///
/// ```
///  0       1       2       4               8
/// +-------+-------+---------------+-------------------------------+
/// |opcode |   0   |  identifier   |            blocks             |
/// +-------+-------+---------------+-------------------------------+
/// |                          first block                          |
/// +---------------------------------------------------------------+
/// |                 address of the client's memory                |
/// +-------------------------------+-------------------------------+
/// |      length of the memory     |        its remote key         |
/// +-------------------------------+-------------------------------+
/// ```
///
/// The last half is what NVMe calls a keyed SGL data block descriptor.
///
/// @param opcode see [StoreCommand]
/// @param identifier 16 bits, given back in the response
/// @param blocks how many blocks, unsigned
/// @param firstBlock the first
/// @param address of the client's memory, in the address space of its key
/// @param length bytes of the client's memory, unsigned
/// @param remoteKey its key
record RequestCapsule(
        int opcode,
        int identifier,
        int blocks,
        long firstBlock,
        long address,
        int length,
        int remoteKey) {

    /// Bytes of a request.
    static final int LENGTH = 32;

    private static final int OPCODE = 0;
    private static final int IDENTIFIER = 2;
    private static final int BLOCKS = 4;
    private static final int FIRST_BLOCK = 8;
    private static final int ADDRESS = 16;
    private static final int DATA_LENGTH = 24;
    private static final int REMOTE_KEY = 28;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /// Reads a request.
    static RequestCapsule read(MemorySegment bytes) {
        return new RequestCapsule(
                Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, OPCODE)),
                Short.toUnsignedInt(bytes.get(SHORT, IDENTIFIER)),
                bytes.get(INT, BLOCKS),
                bytes.get(LONG, FIRST_BLOCK),
                bytes.get(LONG, ADDRESS),
                bytes.get(INT, DATA_LENGTH),
                bytes.get(INT, REMOTE_KEY));
    }

    void write(MemorySegment bytes) {
        bytes.asSlice(0, LENGTH).fill((byte) 0);
        bytes.set(ValueLayout.JAVA_BYTE, OPCODE, (byte) opcode);
        bytes.set(SHORT, IDENTIFIER, (short) identifier);
        bytes.set(INT, BLOCKS, blocks);
        bytes.set(LONG, FIRST_BLOCK, firstBlock);
        bytes.set(LONG, ADDRESS, address);
        bytes.set(INT, DATA_LENGTH, length);
        bytes.set(INT, REMOTE_KEY, remoteKey);
    }
}
