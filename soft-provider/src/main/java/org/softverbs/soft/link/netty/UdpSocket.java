package org.softverbs.soft.link.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// A bound datagram socket with the options that RoCEv2 needs, and the loop it is in.
///
/// The ICRC covers the IP ID and the don't-fragment bit, which a sender without privileges cannot
/// set. An unconnected socket with path MTU discovery switched on always sends ID 0 (or 0, 1, 2 …
/// for the segments of one call) and DF; that is what makes the ICRC computable.
///
/// @param loop the event loop
/// @param channel the bound channel
/// @param isSegmenting whether one call can send many equal datagrams
/// @param receiveBuffer what it receives into
record UdpSocket(
        OwnerEventLoop loop, Channel channel, boolean isSegmenting, ReceiveBuffer receiveBuffer) {

    private static final String OPEN = "open";

    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int PMTUDISC_DO = 2;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IP_MULTICAST_ALL = 49;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int SOL_UDP = 17;
    private static final int UDP_NO_CHECK6_RX = 102;

    private static final int DATAGRAM_MAX = 65_536;
    private static final int SOCKET_BUFFER = 4 << 20;

    /// Binds a socket.
    ///
    /// @param ownership whether the calling thread owns the device; it does now
    /// @throws VerbsException `EADDRINUSE`, `ENODEV` or `EIO` with the reason
    static UdpSocket bind(InetAddress address, int port, boolean nio, BooleanSupplier ownership) {
        return bind(address, port, nio, ownership, channel -> setOptions(channel, address));
    }

    /// Binds a socket with options of the caller's choice.
    static UdpSocket bind(
            InetAddress address,
            int port,
            boolean nio,
            BooleanSupplier ownership,
            Consumer<Channel> options) {
        boolean epoll = !nio && Epoll.isAvailable();
        OwnerEventLoop loop =
                new OwnerEventLoop(
                        ownership, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        ReceiveBuffer receiveBuffer = new ReceiveBuffer(DATAGRAM_MAX);
        @Nullable Channel channel = null;
        try {
            channel = newChannel(address, epoll);
            channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffer);
            options.accept(channel);
            ChannelPromise registered = new DefaultChannelPromise(channel, loop);
            channel.unsafe().register(loop, registered);
            await(loop, registered, address, port);
            await(loop, channel.bind(new InetSocketAddress(address, port)), address, port);
        } catch (RuntimeException refused) {
            if (channel != null) {
                close(channel);
            }
            loop.destroy();
            receiveBuffer.release();
            if (refused instanceof VerbsException) {
                throw refused;
            }
            throw new VerbsException(
                    Errno.EIO, OPEN, where(address, port) + ": " + refused.getMessage(), refused);
        }
        boolean segmenting = epoll && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
        return new UdpSocket(loop, channel, segmenting, receiveBuffer);
    }

    private static DatagramChannel newChannel(InetAddress address, boolean epoll) {
        SocketProtocolFamily family =
                address instanceof Inet6Address
                        ? SocketProtocolFamily.INET6
                        : SocketProtocolFamily.INET;
        return epoll ? new EpollDatagramChannel(family) : new NioDatagramChannel(family);
    }

    /// Opens a socket beside this one, in its loop and with its buffer, that receives what is sent
    /// to a multicast group: one bound to an address of its own does not (Linux, BSD). Others on
    /// this machine may have such a socket too.
    ///
    /// @throws VerbsException `EIO` with the reason
    Channel joinGroup(InetAddress group, int port, NetworkInterface through) {
        DatagramChannel joined = newChannel(group, channel instanceof EpollDatagramChannel);
        try {
            joined.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffer);
            joined.config().setOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER);
            joined.config().setReuseAddress(true);
            if (joined instanceof EpollDatagramChannel epoll) {
                setEpollGroupOptions(epoll, group);
            }
            ChannelPromise registered = new DefaultChannelPromise(joined, loop);
            joined.unsafe().register(loop, registered);
            await(loop, registered, group, port);
            await(loop, joined.bind(new InetSocketAddress(group, port)), group, port);
            await(loop, joined.joinGroup(group, through, null), group, port);
            return joined;
        } catch (RuntimeException refused) {
            close(joined);
            loop.runTasks();
            throw new VerbsException(
                    Errno.EIO,
                    "attachMulticast",
                    "cannot join "
                            + where(group, port)
                            + " on "
                            + through.getName()
                            + ": "
                            + refused.getMessage(),
                    refused);
        }
    }

    /// Without them a socket gets what is sent to its group through any interface of the machine
    /// that somebody joined it on.
    private static void setEpollGroupOptions(EpollDatagramChannel joined, InetAddress group) {
        if (group instanceof Inet6Address) {
            setInt(joined, "UDP_NO_CHECK6_RX", SOL_UDP, UDP_NO_CHECK6_RX, 1);
            setInt(joined, "IPV6_MULTICAST_ALL", IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
        } else {
            setInt(joined, "IP_MULTICAST_ALL", IPPROTO_IP, IP_MULTICAST_ALL, 0);
        }
        joined.config().setOption(EpollChannelOption.UDP_GRO, true);
    }

    /// Sets the hop limit of what is sent to multicast groups from now on.
    ///
    /// @throws io.netty.channel.ChannelException when the system refuses
    void groupHops(int hops) {
        if (channel instanceof EpollDatagramChannel epoll) {
            epoll.config().setOption(groupHopsOption(epoll), hops);
        } else {
            channel.config().setOption(ChannelOption.IP_MULTICAST_TTL, hops);
        }
    }

    /// As the system has it.
    int groupHops() {
        return channel instanceof EpollDatagramChannel epoll
                ? epoll.config().getOption(groupHopsOption(epoll))
                : channel.config().getOption(ChannelOption.IP_MULTICAST_TTL);
    }

    /// Netty's own for epoll is the one of packets to single hosts.
    private static IntegerUnixChannelOption groupHopsOption(EpollDatagramChannel channel) {
        return channel.localAddress().getAddress() instanceof Inet6Address
                ? new IntegerUnixChannelOption(
                        "IPV6_MULTICAST_HOPS", IPPROTO_IPV6, IPV6_MULTICAST_HOPS)
                : new IntegerUnixChannelOption("IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL);
    }

    private static void close(Channel channel) {
        if (channel.isRegistered()) {
            channel.close();
        } else {
            // It has no loop yet that could close it.
            channel.unsafe().closeForcibly();
        }
    }

    private static void setOptions(Channel channel, InetAddress address) {
        channel.config().setOption(ChannelOption.SO_RCVBUF, SOCKET_BUFFER);
        channel.config().setOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER);
        if (channel instanceof EpollDatagramChannel epoll) {
            setEpollOptions(epoll, address);
        } else {
            channel.config()
                    .setOption(NioChannelOption.of(ExtendedSocketOptions.IP_DONTFRAGMENT), true);
        }
    }

    private static void setEpollOptions(EpollDatagramChannel channel, InetAddress address) {
        if (address instanceof Inet6Address) {
            setInt(channel, "IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO);
            // rxe sends UDP checksum 0, which the kernel drops on IPv6 unless told not to.
            setInt(channel, "UDP_NO_CHECK6_RX", SOL_UDP, UDP_NO_CHECK6_RX, 1);
        } else {
            setInt(channel, "IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_DO);
        }
        // Netty tells the segments of a merged datagram only when it reads one at a time (recvmsg).
        channel.config().setOption(EpollChannelOption.UDP_GRO, true);
    }

    private static void setInt(
            EpollDatagramChannel channel, String name, int level, int option, int value) {
        channel.config().setOption(new IntegerUnixChannelOption(name, level, option), value);
    }

    private static void await(
            OwnerEventLoop loop, ChannelFuture future, InetAddress address, int port) {
        loop.runTasks();
        if (future.isSuccess()) {
            return;
        }
        Throwable cause = future.cause();
        String reason = cause == null ? "no answer" : String.valueOf(cause.getMessage());
        Errno errno = Errno.EIO;
        if (reason.contains("in use")) {
            errno = Errno.EADDRINUSE;
            reason = "another process has it: the kernel's rdma_rxe, or another softverbs node";
        } else if (reason.contains("assign requested address")) {
            errno = Errno.ENODEV;
            reason = "this machine has no such address on an interface that is up";
        }
        throw new VerbsException(errno, OPEN, where(address, port) + ": " + reason);
    }

    private static String where(InetAddress address, int port) {
        return address.getHostAddress() + " port " + port;
    }
}
