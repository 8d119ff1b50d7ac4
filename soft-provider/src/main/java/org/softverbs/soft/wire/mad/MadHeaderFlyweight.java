package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Common header of management datagrams.
 *
 * <pre>
 *    0  8 bits           baseVersion
 *    1  8 bits           managementClass
 *    2  8 bits           classVersion
 *    3  8 bits           method
 *    4  16 bits          status
 *    6  16 bits          classSpecific
 *    8  64 bits          transactionId
 *   16  16 bits          attributeId
 *   18  16 bits          reserved
 *   20  32 bits          attributeModifier
 * </pre>
 */
public final class MadHeaderFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 24;

    /** Bytes of a whole MAD, this header included. */
    public static final int MAD_LENGTH = 256;

    /** The management class of communication management. */
    public static final int CLASS_COMMUNICATION_MANAGEMENT = 0x07;

    /** The method of every CM message. */
    public static final int METHOD_SEND = 0x03;

    /** The Q_Key of queue pair 1. */
    public static final int QUEUE_KEY = 0x8001_0000;

    private static final int BASE_VERSION_OFFSET = 0;
    private static final int MANAGEMENT_CLASS_OFFSET = 1;
    private static final int CLASS_VERSION_OFFSET = 2;
    private static final int METHOD_OFFSET = 3;
    private static final int STATUS_OFFSET = 4;
    private static final int CLASS_SPECIFIC_OFFSET = 6;
    private static final int TRANSACTION_ID_OFFSET = 8;
    private static final int ATTRIBUTE_ID_OFFSET = 16;
    private static final int RESERVED_OFFSET = 18;
    private static final int ATTRIBUTE_MODIFIER_OFFSET = 20;

    /** Points this view at the header that starts at {@code offset}. */
    public MadHeaderFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The version of MADs; 1. */
    public int baseVersion() {
        return u8(BASE_VERSION_OFFSET);
    }

    /** Sets the version of MADs. */
    public MadHeaderFlyweight baseVersion(int value) {
        u8(BASE_VERSION_OFFSET, value);
        return this;
    }

    /** The management class. */
    public int managementClass() {
        return u8(MANAGEMENT_CLASS_OFFSET);
    }

    /** Sets the management class. */
    public MadHeaderFlyweight managementClass(int value) {
        u8(MANAGEMENT_CLASS_OFFSET, value);
        return this;
    }

    /** The version of the class; 2 for CM. */
    public int classVersion() {
        return u8(CLASS_VERSION_OFFSET);
    }

    /** Sets the version of the class. */
    public MadHeaderFlyweight classVersion(int value) {
        u8(CLASS_VERSION_OFFSET, value);
        return this;
    }

    /** The method. */
    public int method() {
        return u8(METHOD_OFFSET);
    }

    /** Sets the method. */
    public MadHeaderFlyweight method(int value) {
        u8(METHOD_OFFSET, value);
        return this;
    }

    /** The status. */
    public int status() {
        return u16(STATUS_OFFSET);
    }

    /** Sets the status. */
    public MadHeaderFlyweight status(int value) {
        u16(STATUS_OFFSET, value);
        return this;
    }

    /** The field that each class defines. */
    public int classSpecific() {
        return u16(CLASS_SPECIFIC_OFFSET);
    }

    /** Sets the field that each class defines. */
    public MadHeaderFlyweight classSpecific(int value) {
        u16(CLASS_SPECIFIC_OFFSET, value);
        return this;
    }

    /** The transaction ID. */
    public long transactionId() {
        return u64(TRANSACTION_ID_OFFSET);
    }

    /** Sets the transaction ID. */
    public MadHeaderFlyweight transactionId(long value) {
        u64(TRANSACTION_ID_OFFSET, value);
        return this;
    }

    /** The attribute: which message follows. */
    public int attributeId() {
        return u16(ATTRIBUTE_ID_OFFSET);
    }

    /** Sets the attribute. */
    public MadHeaderFlyweight attributeId(int value) {
        u16(ATTRIBUTE_ID_OFFSET, value);
        return this;
    }

    /** The reserved field. */
    public int reserved() {
        return u16(RESERVED_OFFSET);
    }

    /** Sets the reserved field. */
    public MadHeaderFlyweight reserved(int value) {
        u16(RESERVED_OFFSET, value);
        return this;
    }

    /** The attribute modifier. */
    public int attributeModifier() {
        return i32(ATTRIBUTE_MODIFIER_OFFSET);
    }

    /** Sets the attribute modifier. */
    public MadHeaderFlyweight attributeModifier(int value) {
        i32(ATTRIBUTE_MODIFIER_OFFSET, value);
        return this;
    }

    /** Writes the header of a CM message. */
    public MadHeaderFlyweight initialize(CmAttribute attribute, long transactionId) {
        baseVersion(1).managementClass(CLASS_COMMUNICATION_MANAGEMENT).classVersion(2);
        method(METHOD_SEND).status(0).classSpecific(0).transactionId(transactionId);
        return attributeId(attribute.wireValue()).reserved(0).attributeModifier(0);
    }
}
