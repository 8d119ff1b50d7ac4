package org.softverbs.soft.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.GlobalIdentifier;

/// A port of an [InProcessNetwork]. There is no ICRC, as the bytes do not leave the process: a
/// packet that was damaged on purpose is one whose ICRC would be wrong.
public final class InProcessLink implements PacketLink {

    /// A packet under way: a copy of its headers, and where its payload lies.
    private static final class Slot {
        final MemorySegment header =
                Arena.ofAuto().allocate(OutboundPacket.HEADER_CAPACITY, Long.BYTES);
        final RunList payload = new RunList();

        /// For a payload that was lent; made when the first one comes.
        MemorySegment copy = MemorySegment.NULL;
        int headerLength;
        boolean damaged;
        /// Null for a packet that is lost.
        @Nullable Path path;

        /// Copies the payload to memory of its own.
        ///
        /// @return false when memory of the payload is gone
        boolean keepCopy() {
            long length = payload.total();
            if (length == 0) {
                return true;
            }
            if (copy.byteSize() < length) {
                copy = Arena.ofAuto().allocate(length);
            }
            if (!payload.copyTo(copy, 0)) {
                return false;
            }
            payload.clear();
            payload.add(copy, 0, length);
            return true;
        }
    }

    private static final int SOURCE_PORT = 4791;

    private final InProcessNetwork network;
    private final GlobalIdentifier address;
    private final int mtu;
    private final Slot[] slots = new Slot[InProcessNetwork.CAPACITY];
    private final InboundPacket inbound = new InboundPacket();
    private final AtomicBoolean awake = new AtomicBoolean();
    private volatile @Nullable Thread waiter;
    private int first;
    private int count;
    private boolean closed;

    InProcessLink(InProcessNetwork network, GlobalIdentifier address, int mtu) {
        this.network = network;
        this.address = address;
        this.mtu = mtu;
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot();
        }
    }

    @Override
    public GlobalIdentifier address() {
        return address;
    }

    @Override
    public String interfaceName() {
        return "in-process";
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
        return network.hasRoom();
    }

    @Override
    public void send(OutboundPacket packet) {
        GlobalIdentifier destination = packet.path().destination();
        if (destination.isMulticast()) {
            // The caller saw to room for one in the network: so there is in each of its links.
            for (InProcessLink member : network.members(destination)) {
                member.enqueue(packet);
            }
            return;
        }
        InProcessLink receiver = network.find(destination);
        if (receiver != null) {
            receiver.enqueue(packet);
        }
    }

    @Override
    public void join(GlobalIdentifier group) {
        network.join(this, group);
    }

    @Override
    public void leave(GlobalIdentifier group) {
        network.leave(this, group);
    }

    private void enqueue(OutboundPacket packet) {
        Slot slot = slots[(first + count) % slots.length];
        MemorySegment.copy(packet.header(), 0, slot.header, 0, packet.headerLength());
        slot.headerLength = packet.headerLength();
        slot.payload.set(packet.payload());
        boolean copied = !packet.isPayloadLent() || slot.keepCopy();
        slot.path = copied ? packet.path() : null;
        slot.damaged = packet.isDamaged();
        count++;
        network.entered();
    }

    @Override
    public void flush() {}

    @Override
    public void detach() {
        network.detachAll();
    }

    /// Replaces the payloads of all packets under way to here by copies.
    void ownPayloads() {
        for (int i = 0; i < count; i++) {
            Slot slot = slots[(first + i) % slots.length];
            long length = slot.payload.total();
            if (length == 0) {
                continue;
            }
            MemorySegment copy = Arena.ofAuto().allocate(length);
            if (!slot.payload.copyTo(copy, 0)) {
                slot.path = null;
            }
            slot.payload.clear();
            slot.payload.add(copy, 0, length);
        }
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        if (count == 0 && waitNanos > 0) {
            waiter = Thread.currentThread();
            if (!awake.getAndSet(false)) {
                LockSupport.parkNanos(this, waitNanos);
            }
            waiter = null;
            awake.set(false);
        }
        int batch = count;
        for (int i = 0; i < batch && !closed; i++) {
            Slot slot = slots[first];
            Path path = slot.path;
            if (slot.damaged) {
                receiver.onBadIcrc();
            } else if (path != null && slot.payload.isAlive()) {
                inbound.set(slot.header, slot.headerLength, slot.payload);
                inbound.setAddresses(path);
                receiver.onPacket(inbound);
            }
            first = (first + 1) % slots.length;
            count--;
            network.left();
        }
        return batch;
    }

    @Override
    public long sendFailures() {
        return 0;
    }

    @Override
    public void wakeup() {
        awake.set(true);
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            network.leave(this);
            for (int i = 0; i < count; i++) {
                network.left();
            }
            count = 0;
        }
    }
}
