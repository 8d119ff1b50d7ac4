package org.softverbs.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.qp.ConnectionAttributes;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.roce.RcEngine;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;

/// One engine with its memory, most of which is registered and the rest poisoned, and a second copy
/// of the memory as it ought to be.
final class Bench implements EngineOutput {

    /// Who looks at what the engine brings forth.
    interface Observer {

        /// A packet left; `bytes` has it whole.
        void onSent(RoceOpcode opcode, int psn, PacketCheck parts, MemorySegment bytes);

        void onSendCompletion(CompletionEntry completion);

        void onReceiveCompletion(CompletionEntry completion);
    }

    static final int NUMBER = 0x1234;
    static final int PEER = 0x5678;
    static final int MTU = 256;
    static final int SLOTS = 16;
    static final int MAX_SGE = 3;
    static final int MAX_INLINE = 64;
    static final long START = 1_000_000;

    private static final int BUDGET = 64;

    /// More than an explanation takes, and the classes that are loaded for the first one; less than
    /// the lengths that a packet may claim.
    private static final long MOST_ALLOCATED = 1 << 22;

    /// Jazzer rewrites classes as they are loaded, in the thread that needs them, and allocates.
    private static final boolean REWRITTEN = System.getProperty(Guided.TARGET_PROPERTY) != null;

    private static final ThreadMXBean THREADS =
            ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final byte POISON = (byte) 0xde;
    private static final int FORMER_WINDOW_KEY = Region.WINDOW.key() & ~0xff;
    private static final Accessor ACCESSOR = new Accessor(Region.DOMAIN, NUMBER, false);
    private static final Path TO_PEER =
            new Path(
                    new GlobalIdentifier(0, 0xffff_0a00_0001L),
                    new GlobalIdentifier(0, 0xffff_0a00_0002L),
                    4791,
                    64,
                    0);

    private final KeyTable keys = new KeyTable(RandomSource.seeded(new SplittableRandom(1)));
    private final MemorySegment memory = Arena.global().allocate(Region.MEMORY, 64);
    private final MemorySegment pristine = Arena.global().allocate(Region.MEMORY, 64);
    private final List<Region> live = new ArrayList<>();
    private final OutboundPacket packet = new OutboundPacket();
    private final InboundPacket inbound = new InboundPacket();
    private final CompletionEntry completion = new CompletionEntry();
    private final PacketCheck check = new PacketCheck();
    private final BthFlyweight bth = new BthFlyweight();
    private final MemorySegment scratch = Arena.global().allocate(4300, 8);
    private final Observer observer;
    private TransportCounters counters = new TransportCounters();

    /// The memory as it ought to be.
    final MemorySegment expected = Arena.global().allocate(Region.MEMORY, 64);

    final QueuePairCore qp =
            new QueuePairCore(
                    QueuePairType.RC,
                    ACCESSOR,
                    false,
                    keys,
                    new SendQueue(SLOTS, MAX_SGE, MAX_INLINE),
                    new ReceiveQueue(SLOTS, MAX_SGE));
    final TransportEngine engine = new RcEngine(qp, this);

    private long now = START;
    private int room = Integer.MAX_VALUE;
    private int sent;

    Bench(Observer observer) {
        this.observer = observer;
        pristine.fill(POISON);
        for (Region region : Region.ALL_REGIONS) {
            for (int i = 0; i < region.size(); i++) {
                pristine.set(
                        ValueLayout.JAVA_BYTE,
                        region.offset() + (long) i,
                        (byte) (i * 7 + region.key()));
            }
        }
    }

    /// Begins anew: a queue pair in RESET is connected.
    ConnectionAttributes reset() {
        qp.state(QueuePairState.RESET);
        engine.onReset();
        counters = new TransportCounters();
        now = START;
        room = Integer.MAX_VALUE;
        memory.copyFrom(pristine);
        expected.copyFrom(pristine);
        for (int i = live.size() - 1; i >= 0; i--) {
            keys.remove(live.remove(i).key());
        }
        for (Region region : Region.ALL_REGIONS) {
            register(region);
        }
        keys.add(new WindowMemory(MemoryWindowType.TYPE_2, Region.DOMAIN, FORMER_WINDOW_KEY));
        Region window = Region.WINDOW;
        keys.bind(
                ACCESSOR,
                window.key(),
                Region.EXPOSED.key(),
                window.address(),
                window.size(),
                window.bits());
        live.add(window);
        return qp.connection()
                .path(TO_PEER)
                .destinationQpn(PEER)
                .mtu(MTU)
                .timeout(14)
                .retryCount(3)
                .rnrRetry(3)
                .minRnrTimer(12);
    }

    void connect() {
        qp.state(QueuePairState.RTR);
        engine.onReadyToReceive();
        qp.state(QueuePairState.RTS);
        engine.onReadyToSend();
    }

    private void register(Region region) {
        keys.add(
                new RegisteredMemory(
                        region.key(),
                        region.domain(),
                        region.address(),
                        memory.asSlice(region.offset(), region.size()),
                        region.bits()));
        live.add(region);
    }

    /// Registers a region again if it was deregistered, else deregisters it, and the window with
    /// what it is bound to.
    void toggle(Region region) {
        if (!live.contains(region)) {
            register(region);
            return;
        }
        if (region.equals(Region.EXPOSED)) {
            end(Region.WINDOW);
        }
        end(region);
    }

    private void end(Region region) {
        if (live.remove(region)) {
            keys.remove(region.key());
        }
    }

    /// The window was invalidated by the peer.
    void windowEnded() {
        live.remove(Region.WINDOW);
    }

    /// What a key opens now.
    @Nullable Region find(int key) {
        for (int i = 0; i < live.size(); i++) {
            if (live.get(i).key() == key) {
                return live.get(i);
            }
        }
        return null;
    }

    /// Whether a key opens a range.
    boolean allows(int key, long address, long length, int right) {
        Region region = find(key);
        return region != null && region.allows(address, length, right);
    }

    /// Gives a packet to the engine, if a device would.
    boolean give(MadePacket made) {
        if (!made.write(NUMBER, inbound)) {
            return false;
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        engine.onPacket(inbound, made.opcode, now);
        long more = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        Breach.unless(
                REWRITTEN || more < MOST_ALLOCATED,
                () -> "%d bytes allocated: %s".formatted(more, made));
        return true;
    }

    /// Lets the engine send.
    ///
    /// @return packets sent
    int pump() {
        sent = 0;
        boolean more;
        do {
            more = engine.transmit(now, BUDGET);
        } while (more && room > 0);
        return sent;
    }

    void room(int packets) {
        room = packets;
    }

    int room() {
        return room;
    }

    void advance(long nanos) {
        now += nanos;
        if (engine.nextDeadline() <= now) {
            engine.onTimer(now);
        }
    }

    /// Moves the clock to the next deadline, if there is one.
    boolean advanceToDeadline() {
        if (engine.nextDeadline() == TransportEngine.NO_DEADLINE) {
            return false;
        }
        advance(Math.max(0, engine.nextDeadline() - now));
        return true;
    }

    /// Ends the queue pair.
    void fail() {
        qp.state(QueuePairState.ERR);
        engine.onError();
    }

    /// Whether memory is as it ought to be.
    boolean isAsExpected() {
        return memory.mismatch(expected) < 0;
    }

    /// First byte that is not as it ought to be.
    long difference() {
        return memory.mismatch(expected);
    }

    boolean hasSentFatalNak() {
        return counters.get(TransportCounter.SENT_FATAL_NAKS) > 0;
    }

    /// Marks the counters that moved.
    void mark(Reached reached, int area) {
        for (TransportCounter counter : TransportCounter.values()) {
            if (counters.get(counter) > 0) {
                reached.mark(area, counter.ordinal(), 0);
            }
        }
    }

    @Override
    public boolean hasRoom() {
        return room > 0;
    }

    @Override
    public OutboundPacket packet() {
        return packet;
    }

    @Override
    public void send() {
        room--;
        sent++;
        counters.add(TransportCounter.SENT_PACKETS);
        Breach.unless(packet.length() <= MTU + OutboundPacket.HEADER_CAPACITY, "a packet too long");
        Breach.unless(packet.copyTo(scratch, 0), "a packet of memory that is gone");
        PacketFault fault = check.check(scratch, 0, packet.length() + PacketCheck.ICRC_LENGTH);
        Breach.unless(fault == PacketFault.NONE, () -> "sent a packet that is none: " + fault);
        bth.wrap(scratch, 0);
        Breach.unless(bth.destinationQpn() == PEER, "sent to another queue pair");
        Breach.unless(check.padLength() == (-check.payloadLength() & 3), "sent wrong padding");
        observer.onSent(check.opcode(), bth.psn(), check, scratch);
    }

    @Override
    public void detach() {}

    @Override
    public CompletionEntry completion() {
        return completion;
    }

    @Override
    public void completeSend() {
        observer.onSendCompletion(completion);
    }

    @Override
    public void completeReceive() {
        observer.onReceiveCompletion(completion);
    }

    @Override
    public void raise(AsyncEventType type, String detail) {
        Breach.unless(!detail.isEmpty(), "an event without a detail");
    }

    @Override
    public TransportCounters counters() {
        return counters;
    }
}
