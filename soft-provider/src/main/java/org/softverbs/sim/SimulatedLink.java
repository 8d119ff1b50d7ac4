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
    private final int mtu;
    private final Map<GlobalIdentifier, SimulatedPath> paths = new LinkedHashMap<>();
    private final ArrayDeque<WirePacket> received = new ArrayDeque<>();
    private final InboundPacket inbound = new InboundPacket();
    private @Nullable SimulatedPath full;
    private boolean toldUp = true;
    private boolean toldAddress = true;
    private boolean removed;
    private boolean toldRemoved;
    private boolean closed;

    SimulatedLink(SimulatedNetwork network, SimulatedHost host, GlobalIdentifier address, int mtu) {
        this.network = network;
        this.host = host;
        this.address = address;
        this.mtu = mtu;
    }

    int node() {
        return host.node();
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
        return mtu;
    }

    @Override
    public int sourcePort() {
        return SOURCE_PORT;
    }

    @Override
    public boolean hasRoom() {
        return roomNanos() <= network.world().clock().nanoTime();
    }

    /// When there is room again: the path that was full last is looked at.
    long roomNanos() {
        return full == null ? 0 : full.roomNanos();
    }

    @Override
    public void send(OutboundPacket packet) {
        SimulatedPath path = path(packet.path());
        int length = packet.length();
        if (path == null || length + PacketCheck.ICRC_LENGTH > WirePacket.CAPACITY) {
            return;
        }
        WirePacket bytes = network.pool().take();
        bytes.begin(path, length + PacketCheck.ICRC_LENGTH);
        if (!packet.copyTo(bytes.segment, 0)) {
            bytes.release();
            return;
        }
        path.seal(bytes);
        path.carry(bytes);
        full = path;
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

    /// Whether packets to an address come to it.
    boolean isAt(GlobalIdentifier destination) {
        return !closed && !removed && address.equals(destination);
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
        network.move(this, old);
    }

    /// The device is taken out.
    void remove() {
        removed = true;
        received.forEach(WirePacket::release);
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
        if (closed || removed || received.size() == RECEIVE_QUEUE) {
            packet.release();
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
        received.forEach(WirePacket::release);
        received.clear();
        network.leave(this);
        host.closed(this);
    }
}
