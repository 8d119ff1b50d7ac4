package org.softverbs.soft.link;

import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.verbs.GlobalIdentifier;

/// A link that passes everything on to another; decorators change what they are about.
public abstract class FilterLink implements PacketLink {

    private final PacketLink inner;

    protected FilterLink(PacketLink inner) {
        this.inner = inner;
    }

    protected final PacketLink inner() {
        return inner;
    }

    @Override
    public GlobalIdentifier address() {
        return inner.address();
    }

    @Override
    public String interfaceName() {
        return inner.interfaceName();
    }

    @Override
    public int interfaceMtu() {
        return inner.interfaceMtu();
    }

    @Override
    public int sourcePort() {
        return inner.sourcePort();
    }

    @Override
    public boolean hasRoom() {
        return inner.hasRoom();
    }

    @Override
    public void send(OutboundPacket packet) {
        inner.send(packet);
    }

    @Override
    public void flush() {
        inner.flush();
    }

    @Override
    public void detach() {
        inner.detach();
    }

    @Override
    public void join(GlobalIdentifier group) {
        inner.join(group);
    }

    @Override
    public void leave(GlobalIdentifier group) {
        inner.leave(group);
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        return inner.poll(receiver, waitNanos);
    }

    @Override
    public long sendFailures() {
        return inner.sendFailures();
    }

    @Override
    public void wakeup() {
        inner.wakeup();
    }

    @Override
    public void close() {
        inner.close();
    }
}
