package org.softverbs.soft.wire.pcap;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.Flyweight;
import org.softverbs.soft.wire.net.EthernetFlyweight;

/** What a captured frame starts with. */
public enum LinkType {
    /** An Ethernet header. */
    ETHERNET(1),
    /** An IPv4 or IPv6 header. */
    RAW_IP(101),
    /** The cooked header of Linux, for captures on all interfaces. */
    LINUX_COOKED(113),
    /** The second version of it. */
    LINUX_COOKED_2(276),
    /** Something else: its frames are counted, not looked into. */
    OTHER(-1);

    private static final int RAW_IP_BSD = 12;
    private static final int RAW_IP_OPENBSD = 14;
    private static final int RAW_IPV4 = 228;
    private static final int RAW_IPV6 = 229;
    private static final int COOKED_LENGTH = 16;
    private static final int COOKED_TYPE_OFFSET = 14;
    private static final int COOKED_2_LENGTH = 20;
    private static final int VLAN_LENGTH = 4;
    private static final int VLAN_TAGS_MAX = 2;

    private final int value;

    LinkType(int value) {
        this.value = value;
    }

    /** The LINKTYPE number in the file. */
    public int value() {
        return value;
    }

    static LinkType of(int value) {
        return switch (value) {
            case 1 -> ETHERNET;
            case 101, RAW_IP_BSD, RAW_IP_OPENBSD, RAW_IPV4, RAW_IPV6 -> RAW_IP;
            case 113 -> LINUX_COOKED;
            case 276 -> LINUX_COOKED_2;
            default -> OTHER;
        };
    }

    /** The IP packet in a frame, or null when there is none. */
    @Nullable MemorySegment ipPacket(MemorySegment frame) {
        return switch (this) {
            case ETHERNET -> behindEthernet(frame);
            case RAW_IP -> frame;
            case LINUX_COOKED -> behind(frame, COOKED_LENGTH, COOKED_TYPE_OFFSET);
            case LINUX_COOKED_2 -> behind(frame, COOKED_2_LENGTH, 0);
            case OTHER -> null;
        };
    }

    private static @Nullable MemorySegment behindEthernet(MemorySegment frame) {
        int length = EthernetFlyweight.LENGTH;
        for (int tags = 0; tags < VLAN_TAGS_MAX && frame.byteSize() >= length; tags++) {
            int type = frame.get(Flyweight.U16, length - 2) & 0xffff;
            if (type != EthernetFlyweight.TYPE_VLAN
                    && type != EthernetFlyweight.TYPE_PROVIDER_VLAN) {
                break;
            }
            length += VLAN_LENGTH;
        }
        return behind(frame, length, length - 2);
    }

    private static @Nullable MemorySegment behind(MemorySegment frame, int length, int typeOffset) {
        if (frame.byteSize() < length) {
            return null;
        }
        int type = frame.get(Flyweight.U16, typeOffset) & 0xffff;
        boolean isIp = type == EthernetFlyweight.TYPE_IPV4 || type == EthernetFlyweight.TYPE_IPV6;
        return isIp ? frame.asSlice(length, frame.byteSize() - length) : null;
    }
}
