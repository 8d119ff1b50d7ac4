package org.softverbs.soft.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import jdk.net.ExtendedSocketOptions;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;

/// A UDP socket on a peer's address that sends a device whatever a test makes up, with a right ICRC
/// if it wants one.
final class RawPeer implements AutoCloseable {

    private static final int PORT = 4791;
    private static final int CAPACITY = 65_535;

    private final DatagramChannel channel;
    private final InetSocketAddress target;
    private final Icrc icrc;
    private final int sourcePort;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY);
    private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);

    RawPeer(String from, String to) {
        try {
            InetAddress source = InetAddress.getByName(from);
            InetAddress destination = InetAddress.getByName(to);
            channel = DatagramChannel.open();
            channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            channel.bind(new InetSocketAddress(source, 0));
            sourcePort = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            target = new InetSocketAddress(destination, PORT);
            icrc = new Icrc(source.getAddress(), destination.getAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int sourcePort() {
        return sourcePort;
    }

    /// Where the next datagram is made.
    MemorySegment bytes() {
        return bytes;
    }

    /// Sends the first bytes as they are.
    void send(int length) {
        try {
            channel.send(buffer.clear().limit(length), target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends the first bytes with the ICRC behind them.
    void sendSealed(int length) {
        seal(length);
        send(length + PacketCheck.ICRC_LENGTH);
    }

    /// Puts the ICRC behind the first bytes.
    void seal(int length) {
        buffer.clear();
        Icrc.store(
                buffer,
                length,
                icrc.compute(sourcePort, PORT, 0, Icrc.DONT_FRAGMENT, buffer, 0, length));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
