package org.softverbs.soft.wire.mad;

import org.jspecify.annotations.Nullable;

/** The messages of the connection manager, by the attribute ID in the MAD header. */
public enum CmAttribute {
    REQ(0x10),
    MRA(0x11),
    REJ(0x12),
    REP(0x13),
    RTU(0x14),
    DREQ(0x15),
    DREP(0x16),
    SIDR_REQ(0x17),
    SIDR_REP(0x18),
    LAP(0x19),
    APR(0x1a);

    private static final CmAttribute[] VALUES = values();

    private final int wireValue;

    CmAttribute(int wireValue) {
        this.wireValue = wireValue;
    }

    /** The message with this attribute ID, or null when there is none. */
    public static @Nullable CmAttribute of(int attributeId) {
        int index = attributeId - REQ.wireValue;
        return index >= 0 && index < VALUES.length ? VALUES[index] : null;
    }

    /** The attribute ID. */
    public int wireValue() {
        return wireValue;
    }
}
