package org.softverbs.soft.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;

/// A windowed stream of equal datagrams over Netty's native epoll transport with UDP segmentation
/// and merging, both ends spinning in Netty's own loop: what a user-space transport over UDP is
/// measured against.
///
/// `server ADDRESS PORT` or `client ADDRESS PORT PEER DATAGRAM-BYTES SECONDS`; the client prints
/// bytes a second.
public final class RawUdpStream {

    private static final int WINDOW = 256;
    private static final int CREDIT_INTERVAL = 64;
    private static final int RUN_BYTES = 64_000;
    private static final int MOST_SEGMENTS = 64;
    private static final int BUFFERS = 4 << 20;
    private static final int RUNS = 32;

    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(Thread.currentThread(), EpollIoHandler.newFactory());
    private final EpollDatagramChannel channel;
    private long received;
    private long credited;
    private long acknowledged;
    private boolean ended;

    private RawUdpStream(String address, int port, boolean server) {
        var bound =
                new Bootstrap()
                        .group(loop)
                        .channel(EpollDatagramChannel.class)
                        .option(ChannelOption.SO_RCVBUF, BUFFERS)
                        .option(ChannelOption.SO_SNDBUF, BUFFERS)
                        .option(EpollChannelOption.UDP_GRO, true)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(65_536))
                        .handler(server ? new Receiver() : new CreditReader())
                        .bind(new InetSocketAddress(address, port));
        while (!bound.isDone()) {
            loop.runNow();
        }
        channel = (EpollDatagramChannel) bound.channel();
    }

    /// Runs one end.
    public static void main(String[] args) {
        boolean server = args[0].equals("server");
        RawUdpStream stream = new RawUdpStream(args[1], Integer.parseInt(args[2]), server);
        if (server) {
            while (!stream.ended) {
                stream.loop.runNow();
            }
        } else {
            InetSocketAddress peer = new InetSocketAddress(args[3], Integer.parseInt(args[2]));
            stream.send(peer, Integer.parseInt(args[4]), Double.parseDouble(args[5]));
        }
        System.exit(0);
    }

    private void send(InetSocketAddress peer, int bytes, double seconds) {
        int segments = Math.min(MOST_SEGMENTS, RUN_BYTES / bytes);
        ByteBuf[] runs = new ByteBuf[RUNS];
        for (int i = 0; i < RUNS; i++) {
            runs[i] = Unpooled.directBuffer(segments * bytes).writeZero(segments * bytes);
        }
        long warm = System.nanoTime() + (long) (seconds * 0.5e9);
        long start = 0;
        long startCount = 0;
        long end = Long.MAX_VALUE;
        long sent = 0;
        int next = 0;
        while (System.nanoTime() < end) {
            while (sent - acknowledged + segments <= WINDOW && runs[next].refCnt() == 1) {
                channel.write(
                        new SegmentedDatagramPacket(runs[next].retain(), bytes, peer),
                        channel.voidPromise());
                next = (next + 1) % RUNS;
                sent += segments;
            }
            channel.flush();
            loop.runNow();
            if (start == 0 && System.nanoTime() > warm) {
                start = System.nanoTime();
                startCount = acknowledged;
                end = start + (long) (seconds * 1e9);
            }
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.printf("%.0f%n", (acknowledged - startCount) * (double) bytes / elapsed);
        channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(new byte[1]), peer));
        loop.runNow();
    }

    /// Counts datagrams and returns credits.
    private final class Receiver extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket datagram = (DatagramPacket) message;
            ended |= datagram.content().readableBytes() == 1;
            received++;
            if (received - credited >= CREDIT_INTERVAL) {
                credited = received;
                context.writeAndFlush(
                        new DatagramPacket(
                                context.alloc().directBuffer(8).writeLong(received),
                                datagram.sender()));
            }
            datagram.release();
        }
    }

    /// Takes credits.
    private final class CreditReader extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket datagram = (DatagramPacket) message;
            acknowledged = Math.max(acknowledged, datagram.content().getLong(0));
            datagram.release();
        }
    }
}
