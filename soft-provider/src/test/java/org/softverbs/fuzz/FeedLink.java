package org.softverbs.fuzz;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.IcrcVerifier;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.GlobalIdentifier;

/// A link that gives a device datagrams as a socket would, each with its ICRC looked at, and counts
/// what the device sends.
final class FeedLink implements PacketLink {

    private static final int PORT = 4791;
    private static final int MTU = 9000;
    private static final int CAPACITY = 4300;

    static final GlobalIdentifier ADDRESS = new GlobalIdentifier(0xfd00L << 48, 1);
    static final GlobalIdentifier PEER = new GlobalIdentifier(0xfd00L << 48, 2);

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY);
    private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);
    private final Icrc icrc = new Icrc(octets(PEER), octets(ADDRESS));
    private final IcrcVerifier verifier = new IcrcVerifier(octets(PEER), octets(ADDRESS));
    private final InboundPacket inbound = new InboundPacket();
    private int waiting = -1;
    private int sent;

    private static byte[] octets(GlobalIdentifier gid) {
        return ByteBuffer.allocate(16).putLong(gid.high()).putLong(gid.low()).array();
    }

    /// Where the next datagram is made.
    MemorySegment bytes() {
        return bytes;
    }

    /// Puts the right ICRC at the end of a datagram that has room for one.
    void seal(int length) {
        int covered = length - PacketCheck.ICRC_LENGTH;
        if (covered >= BthFlyweight.LENGTH) {
            Icrc.store(buffer, covered, icrc.compute(PORT, PORT, 0, 0, buffer, 0, covered));
        }
    }

    /// Whether the end of a datagram is its ICRC.
    boolean isSealed(int length) {
        int covered = length - PacketCheck.ICRC_LENGTH;
        return covered >= BthFlyweight.LENGTH
                && verifier.verify(PORT, PORT, buffer, 0, covered, 0).accepted();
    }

    /// Has a datagram of so many bytes delivered with the next poll.
    void deliver(int length) {
        waiting = length;
    }

    /// Packets that the device sent so far.
    int sent() {
        return sent;
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        if (waiting < 0) {
            return 0;
        }
        int length = waiting;
        waiting = -1;
        int covered = length - PacketCheck.ICRC_LENGTH;
        if (covered < BthFlyweight.LENGTH) {
            receiver.onMalformed();
        } else if (!isSealed(length)) {
            receiver.onBadIcrc();
        } else {
            inbound.set(bytes, 0, covered);
            inbound.setAddresses(PEER.high(), PEER.low(), ADDRESS.high(), ADDRESS.low());
            inbound.setSourcePort(PORT);
            receiver.onPacket(inbound);
        }
        return 1;
    }

    @Override
    public void send(OutboundPacket packet) {
        sent++;
    }

    @Override
    public GlobalIdentifier address() {
        return ADDRESS;
    }

    @Override
    public String interfaceName() {
        return "fuzz";
    }

    @Override
    public int interfaceMtu() {
        return MTU;
    }

    @Override
    public int sourcePort() {
        return PORT;
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public void flush() {}

    @Override
    public void detach() {}

    @Override
    public void join(GlobalIdentifier group) {}

    @Override
    public void leave(GlobalIdentifier group) {}

    @Override
    public long sendFailures() {
        return 0;
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {}
}
