package org.softverbs.ulp.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A target's response, 4 bytes in network order, sent by SEND: identifier and status.
///
/// @param identifier of the request, 16 bits
/// @param status how it ended
record ResponseCapsule(int identifier, StoreStatus status) {

    /// Bytes of a response.
    static final int LENGTH = 4;

    private static final int STATUS = 2;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /// Reads a response.
    static ResponseCapsule read(MemorySegment bytes) {
        return new ResponseCapsule(
                Short.toUnsignedInt(bytes.get(SHORT, 0)),
                StoreStatus.of(Short.toUnsignedInt(bytes.get(SHORT, STATUS))));
    }

    void write(MemorySegment bytes) {
        bytes.set(SHORT, 0, (short) identifier);
        bytes.set(SHORT, STATUS, (short) status.code());
    }
}
