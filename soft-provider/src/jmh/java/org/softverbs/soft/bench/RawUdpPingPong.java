package org.softverbs.soft.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;

/// A spinning UDP ping-pong over the JDK's channels, the least that a message exchange can cost.
///
/// `server ADDRESS PORT` or `client ADDRESS PORT PEER BYTES ROUNDS`; the client prints half the
/// median round trip in nanoseconds.
public final class RawUdpPingPong {

    private static final int WARM_UP = 50_000;
    private static final int STOP = 1;

    private RawUdpPingPong() {}

    /// Runs one end.
    public static void main(String[] args) throws IOException {
        InetSocketAddress own = new InetSocketAddress(args[1], Integer.parseInt(args[2]));
        try (DatagramChannel channel = DatagramChannel.open().bind(own)) {
            channel.configureBlocking(false);
            if (args[0].equals("server")) {
                serve(channel);
            } else {
                InetSocketAddress peer = new InetSocketAddress(args[3], own.getPort());
                measure(channel, peer, Integer.parseInt(args[4]), Integer.parseInt(args[5]));
            }
        }
    }

    private static void serve(DatagramChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
        while (true) {
            buffer.clear();
            InetSocketAddress from = (InetSocketAddress) channel.receive(buffer);
            if (from == null) {
                Thread.onSpinWait();
                continue;
            }
            buffer.flip();
            if (buffer.remaining() == STOP) {
                return;
            }
            channel.send(buffer, from);
        }
    }

    private static void measure(
            DatagramChannel channel, InetSocketAddress peer, int bytes, int rounds)
            throws IOException {
        channel.connect(peer);
        ByteBuffer out = ByteBuffer.allocateDirect(bytes);
        ByteBuffer in = ByteBuffer.allocateDirect(65_536);
        long[] nanos = new long[rounds];
        for (int i = -WARM_UP; i < rounds; i++) {
            long start = System.nanoTime();
            channel.write(out.clear());
            in.clear();
            while (channel.read(in) <= 0) {
                Thread.onSpinWait();
            }
            if (i >= 0) {
                nanos[i] = System.nanoTime() - start;
            }
        }
        channel.write(ByteBuffer.allocateDirect(STOP));
        Arrays.sort(nanos);
        System.out.println(nanos[rounds / 2] / 2);
    }
}
