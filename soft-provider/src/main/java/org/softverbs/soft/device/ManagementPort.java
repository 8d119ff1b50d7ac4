package org.softverbs.soft.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.cm.CmEngine;
import org.softverbs.soft.cm.CmIdentity;
import org.softverbs.soft.cm.CmLimits;
import org.softverbs.soft.cm.CmOutput;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.GlobalIdentifier;

/// Queue pair 1 of a device: takes the management datagrams of peers and sends those of the
/// connection manager. For the owner.
///
/// There is a connection manager from the first datagram or verb on. What is of another class goes
/// to the queue pair of type GSI, when kernel code has made one.
final class ManagementPort implements CmOutput, CmIdentity {

    /// The queue pair of general services (GSI).
    static final int NUMBER = 1;

    /// The Q_Key of queue pair 1.
    private static final int QUEUE_KEY = 0x8001_0000;

    private static final int HOP_LIMIT = 64;

    /// Where a management datagram says its class.
    private static final int CLASS_OFFSET = 1;

    private final DeviceEngine device;
    private final long guid;
    private final MemorySegment outbound =
            Arena.ofAuto().allocate(MadHeaderFlyweight.MAD_LENGTH, Long.BYTES);
    private final MemorySegment inbound =
            Arena.ofAuto().allocate(MadHeaderFlyweight.MAD_LENGTH, Long.BYTES);
    private final BthFlyweight bth = new BthFlyweight();
    private final DethFlyweight deth = new DethFlyweight();
    private int nextPsn;
    private @Nullable CmEngine engine;

    /// @param guid of the device
    ManagementPort(DeviceEngine device, long guid) {
        this.device = device;
        this.guid = guid;
    }

    /// The communication management of the device.
    CmEngine engine() {
        CmEngine made = engine;
        if (made == null) {
            made = new CmEngine(this, CmLimits.DEFAULT, this);
            engine = made;
        }
        return made;
    }

    /// Takes a packet for queue pair 1.
    void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos) {
        if (opcode != RoceOpcode.UD_SEND_ONLY) {
            device.counters().add(TransportCounter.DROPPED_WRONG_SERVICE);
            return;
        }
        deth.wrap(packet.segment(), packet.offset() + opcode.offsetOf(ExtensionHeader.DETH));
        if (deth.queueKey() != QUEUE_KEY) {
            device.counters().add(TransportCounter.DROPPED_BAD_QUEUE_KEY);
            return;
        }
        long length = packet.payload().total();
        if (length > CLASS_OFFSET
                && packet.payload().byteAt(CLASS_OFFSET)
                        != MadHeaderFlyweight.CLASS_COMMUNICATION_MANAGEMENT
                && device.deliverToGeneralServices(packet, opcode)) {
            return;
        }
        boolean copied = length <= inbound.byteSize() && packet.payload().copyTo(inbound, 0);
        if (!copied) {
            device.counters().add(TransportCounter.DROPPED_BAD_LENGTH);
            return;
        }
        engine().onDatagram(
                        inbound,
                        0,
                        length,
                        new GlobalIdentifier(packet.destinationHigh(), packet.destinationLow()),
                        new GlobalIdentifier(packet.sourceHigh(), packet.sourceLow()),
                        nowNanos);
    }

    long nextDeadline() {
        return engine == null ? CmEngine.NO_DEADLINE : engine.nextDeadline();
    }

    /// Lets timers act that are due.
    ///
    /// @return whether one was
    boolean onTimer(long nowNanos) {
        if (nextDeadline() > nowNanos) {
            return false;
        }
        engine().onTimer(nowNanos);
        return true;
    }

    /// A packet arrived on a queue pair that was in RTR.
    void onEstablished(int queuePair, long nowNanos) {
        if (engine != null) {
            engine.communicationEstablished(queuePair, nowNanos);
        }
    }

    /// Whether a queue pair number belongs to a connection, or did lately.
    boolean isTaken(int queuePair) {
        return engine != null && engine.isTaken(queuePair);
    }

    /// The device goes away.
    void close(long nowNanos) {
        if (engine != null) {
            engine.close(nowNanos);
        }
    }

    Map<String, Long> counters() {
        return engine == null ? Map.of() : engine.counters().byName();
    }

    @Override
    public long guid() {
        return guid;
    }

    @Override
    public boolean hasGid(GlobalIdentifier gid) {
        return device.port().gids().stream().anyMatch(it -> it.gid().equals(gid));
    }

    @Override
    public int maxPathMtu() {
        return device.port().attributes().activeMtu().number();
    }

    @Override
    public int randomBits(int bits) {
        return device.host().random().nextBits(bits);
    }

    @Override
    public boolean hasRoom() {
        return device.link().hasRoom();
    }

    @Override
    public MemorySegment datagram() {
        return outbound;
    }

    @Override
    public void send(GlobalIdentifier local, GlobalIdentifier remote) {
        RoceOpcode opcode = RoceOpcode.UD_SEND_ONLY;
        OutboundPacket packet = device.packet();
        packet.begin(
                new Path(local, remote, device.link().sourcePort(), HOP_LIMIT, 0),
                opcode.headerLength());
        packet.lendPayload();
        bth.wrap(packet.header(), 0).initialize(opcode, NUMBER, nextPsn, 0);
        nextPsn = PacketSequenceNumber.next(nextPsn);
        deth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.DETH))
                .queueKey(QUEUE_KEY)
                .reserved(0)
                .sourceQpn(NUMBER);
        packet.payload().add(outbound, 0, outbound.byteSize());
        device.counters().add(TransportCounter.SENT_PACKETS);
        device.counters().add(TransportCounter.SENT_BYTES, packet.length());
        device.link().send(packet);
    }
}
