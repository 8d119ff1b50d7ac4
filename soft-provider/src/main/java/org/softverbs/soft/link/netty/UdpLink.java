package org.softverbs.soft.link.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// RoCEv2 over an unprivileged UDP socket on port 4791.
///
/// Transmit: payload is copied once, into a run of packets that leaves in one system call where the
/// socket can segment. Where a route turns out not to, the lost run is left to the protocol's
/// retries, and from then on each packet leaves on its own.
///
/// Receive: datagrams are checked and given on where they lie.
public final class UdpLink implements PacketLink {

    /// The port of RoCEv2.
    public static final int PORT = 4791;

    private static final Logger LOG = LoggerFactory.getLogger(UdpLink.class);

    /// Runs that may wait in the socket.
    private static final int SEND_BUFFERS = 64;

    private static final int SMALLEST_PACKET = BthFlyweight.LENGTH + PacketCheck.ICRC_LENGTH;

    private final GlobalIdentifier address;
    private final LocalInterface localInterface;
    private final OwnerEventLoop loop;
    private final UdpSocket socket;
    private final Channel channel;
    private final Map<GlobalIdentifier, Channel> groups = new HashMap<>();
    private final boolean segmenting;
    private final ReceiveBuffer receiveBuffer;
    private final PeerTable peers;
    private final PortWatch watch;
    private final List<SendBuffer> sendBuffers = new ArrayList<>();
    private final InboundPacket inbound = new InboundPacket();
    private int nextBuffer;
    private @Nullable SendBuffer current;
    private boolean unflushed;
    private @Nullable LinkReceiver receiver;
    private int received;
    private long failures;
    private boolean toldUp = true;

    /// Hop limit of what is sent to groups; a socket begins with 1.
    private int groupHops = 1;

    /// @param interfaceIsUp whether the interface carries traffic, as the system says
    /// @param lookPeriod how often to ask
    UdpLink(
            GlobalIdentifier address,
            LocalInterface localInterface,
            UdpSocket socket,
            BooleanSupplier interfaceIsUp,
            Duration lookPeriod) {
        this.address = address;
        this.localInterface = localInterface;
        this.socket = socket;
        this.loop = socket.loop();
        this.channel = socket.channel();
        this.segmenting = socket.isSegmenting();
        this.receiveBuffer = socket.receiveBuffer();
        this.peers = new PeerTable(address, PORT);
        this.watch = new PortWatch(interfaceIsUp, lookPeriod, loop::wakeup);
        channel.pipeline().addLast(new Receiver(address, peers));
        watch.start();
        sendToGroupsThrough(localInterface);
    }

    /// Whoever sends to a group need not have joined it.
    private void sendToGroupsThrough(LocalInterface through) {
        try {
            channel.config()
                    .setOption(ChannelOption.IP_MULTICAST_IF, LocalInterface.named(through.name()));
        } catch (ChannelException | VerbsException refused) {
            LOG.info("{} sends to groups where routes lead: {}", address, refused.getMessage());
        }
    }

    /// A socket of its own for each group.
    @Override
    public void join(GlobalIdentifier group) {
        NetworkInterface through = LocalInterface.named(localInterface.name());
        Channel joined = socket.joinGroup(group.toInetAddress(), PORT, through);
        joined.pipeline().addLast(new Receiver(group, new PeerTable(group, PORT)));
        joined.config().setAutoRead(channel.config().isAutoRead());
        groups.put(group, joined);
    }

    @Override
    public void leave(GlobalIdentifier group) {
        Channel joined = groups.remove(group);
        if (joined != null) {
            joined.close();
        }
    }

    @Override
    public GlobalIdentifier address() {
        return address;
    }

    @Override
    public String interfaceName() {
        return localInterface.name();
    }

    @Override
    public int interfaceMtu() {
        return localInterface.mtu();
    }

    @Override
    public int sourcePort() {
        return PORT;
    }

    @Override
    public boolean hasRoom() {
        if (current == null) {
            return freeBuffer() != null;
        }
        // The next packet may not fit the run at hand, which then leaves: there must be another.
        int another = (nextBuffer + 1) % SEND_BUFFERS;
        return another >= sendBuffers.size() || sendBuffers.get(another).isFree();
    }

    /// The next buffer that the socket has let go of, or null.
    private @Nullable SendBuffer freeBuffer() {
        if (sendBuffers.size() < SEND_BUFFERS && nextBuffer == sendBuffers.size()) {
            sendBuffers.add(new SendBuffer());
        }
        SendBuffer buffer = sendBuffers.get(nextBuffer);
        return buffer.isFree() ? buffer : null;
    }

    @Override
    public void send(OutboundPacket packet) {
        Peer peer = peers.to(packet.path().destination());
        int length = packet.length() + PacketCheck.ICRC_LENGTH;
        int mostSegments = segmenting && peer.takesRuns() ? SendBuffer.MOST_SEGMENTS : 1;
        if (peer.isGroup() && packet.path().hopLimit() != groupHops) {
            limitGroupHops(packet.path().hopLimit());
        }
        SendBuffer run = current;
        if (run == null || !run.accepts(peer, length, mostSegments)) {
            writeCurrent();
            run = freeBuffer();
            if (run == null) {
                return;
            }
            run.begin(peer);
            current = run;
        }
        run.add(packet, PORT, PORT);
    }

    /// A system call, when a packet to a group has another hop limit than the one before. What the
    /// socket had no room for until now leaves with the new one.
    private void limitGroupHops(int hops) {
        flush();
        groupHops = hops;
        try {
            socket.groupHops(hops);
        } catch (ChannelException refused) {
            LOG.info("{} keeps the hop limit of groups: {}", address, refused.getMessage());
        }
    }

    private void writeCurrent() {
        SendBuffer run = current;
        if (run == null) {
            return;
        }
        current = null;
        if (run.isEmpty()) {
            return;
        }
        nextBuffer = (nextBuffer + 1) % SEND_BUFFERS;
        Object message =
                run.segments() > 1
                        ? new SegmentedDatagramPacket(
                                run.content(), run.segmentLength(), run.peer().address())
                        : new DatagramPacket(run.content(), run.peer().address());
        channel.write(message, channel.voidPromise());
        unflushed = true;
    }

    @Override
    public void flush() {
        writeCurrent();
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    @Override
    public void detach() {
        // Payload is copied in send().
    }

    @Override
    public int poll(LinkReceiver target, long waitNanos) {
        boolean isUp = watch.isUp();
        if (isUp != toldUp) {
            toldUp = isUp;
            target.onPortChange(isUp ? PortChange.UP : PortChange.DOWN);
        }
        receiver = target;
        received = 0;
        announceArrivals(waitNanos > 0);
        try {
            loop.run(waitNanos);
        } finally {
            receiver = null;
        }
        return received;
    }

    /// Whether the kernel tells the loop of each datagram, at the sender's cost. One who spins
    /// reads the socket anyway.
    private void announceArrivals(boolean wanted) {
        if (loop.readsDirectly() && channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
            groups.values().forEach(joined -> joined.config().setAutoRead(wanted));
        }
    }

    @Override
    public void wakeup() {
        loop.wakeup();
    }

    @Override
    public long sendFailures() {
        return failures;
    }

    /// Whether packets to a peer leave in runs.
    boolean isSegmenting(GlobalIdentifier peer) {
        return segmenting && peers.to(peer).takesRuns();
    }

    @Override
    public void close() {
        groups.values().forEach(Channel::close);
        groups.clear();
        watch.close();
        channel.close();
        loop.destroy();
        receiveBuffer.release();
        for (SendBuffer buffer : sendBuffers) {
            if (buffer.isFree()) {
                buffer.release();
            }
        }
    }

    /// @param destination where it was sent to: the ICRC covers it
    /// @param senders who sent there before
    private void onDatagram(
            DatagramPacket datagram, GlobalIdentifier destination, PeerTable senders) {
        LinkReceiver target = receiver;
        if (target == null) {
            return;
        }
        received++;
        int length = datagram.content().readableBytes() - PacketCheck.ICRC_LENGTH;
        if (length < SMALLEST_PACKET - PacketCheck.ICRC_LENGTH) {
            target.onMalformed();
            return;
        }
        int sourcePort = datagram.sender().getPort();
        Peer peer = senders.from(datagram.sender().getAddress());
        int offset = receiveBuffer.offsetOf(datagram.content());
        boolean intact =
                peer.inbound()
                        .verify(
                                sourcePort,
                                PORT,
                                receiveBuffer.bytes(),
                                offset,
                                length,
                                target.arrivalNanos())
                        .accepted();
        if (!intact) {
            target.onBadIcrc();
            return;
        }
        senders.keep(peer);
        inbound.set(receiveBuffer.segment(), offset, length);
        inbound.setAddresses(
                peer.gid().high(), peer.gid().low(), destination.high(), destination.low());
        inbound.setSourcePort(sourcePort);
        target.onPacket(inbound);
    }

    /// Whether the kernel may mean UDP segmentation: its route or the socket cannot do it.
    private static boolean isRefusalToSegment(Throwable cause) {
        if (cause instanceof NativeIoException refused) {
            int errno = Math.abs(refused.expectedErr());
            return errno == Errno.EINVAL.number() || errno == Errno.EIO.number();
        }
        return false;
    }

    /// The run that failed just now. The socket lets go of runs in the order in which it got them:
    /// it is the youngest of those that are free.
    private @Nullable SendBuffer failedRun() {
        for (int age = 1; age <= sendBuffers.size(); age++) {
            SendBuffer run = sendBuffers.get(Math.floorMod(nextBuffer - age, sendBuffers.size()));
            if (run.isFree()) {
                return run;
            }
        }
        return null;
    }

    /// Takes datagrams out of the pipeline.
    private final class Receiver extends ChannelInboundHandlerAdapter {

        private final GlobalIdentifier destination;
        private final PeerTable senders;

        /// @param destination where what its socket receives was sent to
        /// @param senders who sent there
        Receiver(GlobalIdentifier destination, PeerTable senders) {
            this.destination = destination;
            this.senders = senders;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket datagram = (DatagramPacket) message;
            try {
                onDatagram(datagram, destination, senders);
            } finally {
                datagram.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures++;
            SendBuffer run = failedRun();
            if (run != null && run.segments() > 1 && isRefusalToSegment(cause)) {
                run.peer().refuseRuns();
                LOG.warn(
                        "{} goes on without UDP segmentation towards {}: {}",
                        address,
                        run.peer().gid(),
                        cause.getMessage());
            } else if (failures == 1) {
                LOG.warn("{}: {}", address, cause.getMessage());
            }
        }
    }
}
