package org.softverbs.soft.wire.net;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Ethernet II header, without VLAN tag.
 *
 * <pre>
 *    0  6 bytes          destination
 *    6  6 bytes          source
 *   12  16 bits          etherType
 * </pre>
 */
public final class EthernetFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 14;

    /** EtherType of IPv4. */
    public static final int TYPE_IPV4 = 0x0800;

    /** EtherType of IPv6. */
    public static final int TYPE_IPV6 = 0x86dd;

    /** EtherType of a VLAN tag: four bytes more. */
    public static final int TYPE_VLAN = 0x8100;

    /** EtherType of a provider VLAN tag: four bytes more. */
    public static final int TYPE_PROVIDER_VLAN = 0x88a8;

    private static final int DESTINATION_OFFSET = 0;
    private static final int DESTINATION_LENGTH = 6;
    private static final int SOURCE_OFFSET = 6;
    private static final int SOURCE_LENGTH = 6;
    private static final int ETHER_TYPE_OFFSET = 12;

    /** Points this view at the header that starts at {@code offset}. */
    public EthernetFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The destination address: a copy. */
    public byte[] destination() {
        byte[] copy = new byte[DESTINATION_LENGTH];
        bytes(DESTINATION_OFFSET, copy);
        return copy;
    }

    /** Sets the destination address, exactly 6 bytes. */
    public EthernetFlyweight destination(byte[] value) {
        bytes(DESTINATION_OFFSET, DESTINATION_LENGTH, value);
        return this;
    }

    /** The source address: a copy. */
    public byte[] source() {
        byte[] copy = new byte[SOURCE_LENGTH];
        bytes(SOURCE_OFFSET, copy);
        return copy;
    }

    /** Sets the source address, exactly 6 bytes. */
    public EthernetFlyweight source(byte[] value) {
        bytes(SOURCE_OFFSET, SOURCE_LENGTH, value);
        return this;
    }

    /** The type of what follows. */
    public int etherType() {
        return u16(ETHER_TYPE_OFFSET);
    }

    /** Sets the type of what follows. */
    public EthernetFlyweight etherType(int value) {
        u16(ETHER_TYPE_OFFSET, value);
        return this;
    }
}
