package org.softverbs.verbs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// A GID: 128 bits that name a port. On RoCEv2 it is an IPv6 address, or an IPv4 address in the
/// form `::ffff:a.b.c.d`.
///
/// Verbs name: `ibv_gid` / `ib_gid`.
///
/// @param high the first eight bytes (subnet prefix)
/// @param low the last eight bytes (interface id)
public record GlobalIdentifier(long high, long low) {

    /// Size in bytes.
    public static final int LENGTH = 16;

    private static final int IPV4_MULTICAST = 0xe;
    private static final int IPV6_MULTICAST = 0xff;
    private static final long MAPPED_IPV4_PREFIX = 0x0000_ffff_0000_0000L;

    /// The GID of an IP address.
    public static GlobalIdentifier of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return ofIpv4(bytes);
        }
        return ofBytes(bytes);
    }

    /// The GID of 16 bytes in network order.
    ///
    /// @throws IllegalArgumentException when there are not 16
    public static GlobalIdentifier ofBytes(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a GID has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new GlobalIdentifier(buffer.getLong(), buffer.getLong());
    }

    /// The GID of an IPv4 address of 4 bytes in network order.
    ///
    /// @throws IllegalArgumentException when there are not 4
    public static GlobalIdentifier ofIpv4(byte[] address) {
        if (address.length != Integer.BYTES) {
            throw new IllegalArgumentException(
                    "an IPv4 address has 4 bytes, not " + address.length);
        }
        int bits = ByteBuffer.wrap(address).getInt();
        return new GlobalIdentifier(0, MAPPED_IPV4_PREFIX | Integer.toUnsignedLong(bits));
    }

    /// Whether it names a group of ports: `ff00::/8`, or an IPv4 address of `224.0.0.0/4` in IPv6
    /// form.
    public boolean isMulticast() {
        return isMulticast(high, low);
    }

    /// Whether the two halves of a GID name a group of ports.
    public static boolean isMulticast(long high, long low) {
        return isMappedIpv4(high, low)
                ? ((int) low >>> 28) == IPV4_MULTICAST
                : (high >>> 56) == IPV6_MULTICAST;
    }

    /// The 16 bytes in network order.
    public byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH).putLong(high).putLong(low).array();
    }

    /// Whether this is an IPv4 address in IPv6 form.
    public boolean isMappedIpv4() {
        return isMappedIpv4(high, low);
    }

    private static boolean isMappedIpv4(long high, long low) {
        return high == 0 && (low >>> 32) == 0xffff;
    }

    /// The IP address of this GID.
    public InetAddress toInetAddress() {
        try {
            if (isMappedIpv4()) {
                return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt((int) low).array());
            }
            return InetAddress.getByAddress(toBytes());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("addresses of 4 and 16 bytes are always legal", e);
        }
    }

    /// The 32 hexadecimal digits that the pingpong tools exchange.
    public String toWireString() {
        return HexFormat.of().formatHex(toBytes());
    }

    @Override
    public String toString() {
        if (isMappedIpv4()) {
            return "::ffff:" + toInetAddress().getHostAddress();
        }
        return toInetAddress().getHostAddress();
    }
}
