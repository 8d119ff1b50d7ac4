package org.softverbs.soft.rdmacm;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.softverbs.cm.PrivateData;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// The header of IP addressing in private data, which tells the peer's program who asks.
final class IpAddresses {

    /// What an IPv4 address leaves of its 16 bytes.
    private static final int IPV4_PADDING = 12;

    private IpAddresses() {}

    /// The header, and behind it what the program says.
    static PrivateData with(
            GlobalIdentifier from, int sourcePort, GlobalIdentifier to, PrivateData user) {
        byte[] bytes = new byte[IpCmHeaderFlyweight.LENGTH + user.length()];
        new IpCmHeaderFlyweight()
                .wrap(MemorySegment.ofArray(bytes), 0)
                .ipVersion(from.isMappedIpv4() ? 4 : 6)
                .sourcePort(sourcePort)
                .sourceAddress(field(from))
                .destinationAddress(field(to));
        System.arraycopy(user.toBytes(), 0, bytes, IpCmHeaderFlyweight.LENGTH, user.length());
        return PrivateData.of(bytes);
    }

    private static byte[] field(GlobalIdentifier address) {
        byte[] bytes = address.toBytes();
        if (address.isMappedIpv4()) {
            Arrays.fill(bytes, 0, IPV4_PADDING, (byte) 0);
        }
        return bytes;
    }

    /// What the program of the peer said.
    static PrivateData user(PrivateData privateData) {
        return privateData.from(IpCmHeaderFlyweight.LENGTH);
    }

    /// The peer that asked: the address of its packets, and the port in its header.
    static InetSocketAddress source(GlobalIdentifier from, PrivateData privateData) {
        MemorySegment header = MemorySegment.ofArray(privateData.toBytes());
        int port = new IpCmHeaderFlyweight().wrap(header, 0).sourcePort();
        return new InetSocketAddress(from.toInetAddress(), port);
    }

    static boolean isSameFamily(GlobalIdentifier gid, InetAddress address) {
        return gid.isMappedIpv4() == GlobalIdentifier.of(address).isMappedIpv4();
    }
}
