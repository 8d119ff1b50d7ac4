package org.softverbs.sim;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.GlobalIdentifier;

/// A port of a [SimulatedNetwork]. Packets leave it as bytes with an ICRC, and are read when the
/// node polls.
final class SimulatedLink implements PacketLink {

    /// Packets that a socket's queue holds; more are lost.
    private static final int RECEIVE_QUEUE = 4096;

    private static final int SOURCE_PORT = 4791;

    private final SimulatedNetwork network;
    private final SimulatedHost host;
    private GlobalIdentifier address;
    private final Map<GlobalIdentifier, SimulatedPath> paths = new LinkedHashMap<>();
    private final Map<GlobalIdentifier, Map<SimulatedLink, SimulatedPath>> groupPaths =
            new LinkedHashMap<>();
    private final ArrayDeque<WirePacket> received = new ArrayDeque<>();
    private final InboundPacket inbound = new InboundPacket();
    private @Nullable SimulatedPath fullest;
    private boolean toldUp = true;
    private boolean toldAddress = true;
    private boolean removed;
    private boolean toldRemoved;
    private boolean closed;

    SimulatedLink(SimulatedNetwork network, SimulatedHost host, GlobalIdentifier address) {
        this.network = network;
        this.host = host;
        this.address = address;
    }

    int node() {
        return host.node();
    }

    /// What its ways are like, unless one is set apart.
    PathSettings settings() {
        return host.ways();
    }

    @Override
    public GlobalIdentifier address() {
        return address;
    }

    @Override
    public String interfaceName() {
        return host.name();
    }

    @Override
    public int interfaceMtu() {
        return settings().mtu();
    }

    @Override
    public int sourcePort() {
        return SOURCE_PORT;
    }

    @Override
    public boolean hasRoom() {
        return roomNanos() <= network.world().clock().nanoTime();
    }

    /// When there is room again: a port has one queue, and what waits for the slowest path holds up
    /// all.
    long roomNanos() {
        return fullest == null ? 0 : fullest.roomNanos();
    }

    @Override
    public void send(OutboundPacket packet) {
        GlobalIdentifier destination = packet.path().destination();
        if (!destination.isMulticast()) {
            send(packet, path(packet.path()));
        } else if (packet.path().source().equals(address)) {
            for (SimulatedLink member : network.members(destination)) {
                send(packet, path(member, destination));
            }
        }
    }

    private void send(OutboundPacket packet, @Nullable SimulatedPath path) {
        int length = packet.length();
        if (path == null || length + PacketCheck.ICRC_LENGTH > WirePacket.CAPACITY) {
            String why = path == null ? "no way there" : "longer than any packet";
            network.world().trace().add(TraceKind.LOST, node(), 0, 0, why);
            return;
        }
        WirePacket bytes = network.pool().take();
        bytes.begin(path, length + PacketCheck.ICRC_LENGTH);
        // What is not written is seen.
        bytes.bytes.putInt(length - Integer.BYTES, -1);
        if (!packet.copyTo(bytes.segment, 0)) {
            bytes.release();
            return;
        }
        path.seal(bytes);
        path.carry(bytes);
        if (fullest == null || path.roomNanos() > fullest.roomNanos()) {
            fullest = path;
        }
    }

    /// A packet under another source address than this port's has no way.
    private @Nullable SimulatedPath path(Path wanted) {
        if (!wanted.source().equals(address)) {
            return null;
        }
        SimulatedPath known = paths.get(wanted.destination());
        if (known == null || known.isDead()) {
            known = network.find(this, wanted.destination());
            if (known != null) {
                paths.put(wanted.destination(), known);
            }
        }
        return known;
    }

    /// The way to a member of a group.
    private SimulatedPath path(SimulatedLink member, GlobalIdentifier group) {
        return groupPaths
                .computeIfAbsent(group, any -> new LinkedHashMap<>())
                .computeIfAbsent(member, it -> network.way(this, it, group));
    }

    /// Whether packets to an address, or a group, come to it.
    boolean isAt(GlobalIdentifier destination) {
        boolean is =
                destination.isMulticast()
                        ? network.members(destination).contains(this)
                        : address.equals(destination);
        return !closed && !removed && is;
    }

    @Override
    public void join(GlobalIdentifier group) {
        network.join(this, group);
    }

    @Override
    public void leave(GlobalIdentifier group) {
        network.leave(this, group);
    }

    /// Whether packets pass.
    boolean isUp() {
        return !removed && host.isPortUp();
    }

    void changeAddress(GlobalIdentifier other) {
        GlobalIdentifier old = address;
        address = other;
        toldAddress = false;
        paths.clear();
        groupPaths.clear();
        network.move(this, old);
    }

    /// The device is taken out.
    void remove() {
        removed = true;
        loseAll("the device was taken out");
    }

    private void loseAll(String why) {
        received.forEach(packet -> packet.path().lose(packet, why));
        received.clear();
    }

    /// Tells the device what became of its port.
    private void tell(LinkReceiver receiver) {
        if (isUp() != toldUp && !removed) {
            toldUp = !toldUp;
            receiver.onPortChange(toldUp ? PortChange.UP : PortChange.DOWN);
        }
        if (!toldAddress) {
            toldAddress = true;
            receiver.onPortChange(PortChange.ADDRESS);
        }
        if (removed && !toldRemoved) {
            toldRemoved = true;
            receiver.onPortChange(PortChange.REMOVED);
        }
    }

    void enqueue(WirePacket packet) {
        if (received.size() == RECEIVE_QUEUE) {
            packet.path().lose(packet, "the receive queue is full");
            return;
        }
        received.addLast(packet);
        host.packetWaits();
    }

    @Override
    public void flush() {}

    @Override
    public void detach() {}

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        tell(receiver);
        int batch = received.size();
        for (int i = 0; i < batch && !closed; i++) {
            WirePacket packet = received.removeFirst();
            SimulatedPath path = packet.path();
            if (!path.check(packet)) {
                receiver.onBadIcrc();
            } else {
                inbound.set(packet.segment, 0, packet.length - PacketCheck.ICRC_LENGTH);
                inbound.setAddresses(path.way());
                receiver.onPacket(inbound);
            }
            packet.release();
        }
        return batch;
    }

    @Override
    public long sendFailures() {
        return 0;
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {
        closed = true;
        loseAll("the port was closed");
        network.leave(this);
        host.closed(this);
    }
}
