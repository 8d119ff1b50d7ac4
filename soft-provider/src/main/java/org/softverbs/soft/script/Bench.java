package org.softverbs.soft.script;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.Accessor;
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
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.roce.RcEngine;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RoceOpcode.Service;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;

/// One engine with its memory, its clock and what came out of it.
final class Bench implements EngineOutput {

    static final int MAX_SGE = 8;
    static final int MAX_INLINE = 512;

    private static final int BUDGET = 64;
    private static final int MOST_SLOTS = 1 << 14;
    private static final int MOST_TURNS = 1_000_000;
    static final long START_NANOS = 1_000_000;
    private static final Path TO_PEER =
            new Path(
                    new GlobalIdentifier(0, 0xffff_0a00_0001L),
                    new GlobalIdentifier(0, 0xffff_0a00_0002L),
                    4791,
                    64,
                    0);

    /// A packet that the engine sent, and the payload that it must have, if that is known.
    record Sent(RocePacket packet, @Nullable Octets due) {}

    /// A completion, and whether it wakes who waits for solicited ones.
    record Completed(WorkCompletion completion, boolean solicited) {}

    private final ScriptMemory memory;
    private final Scope scope;
    private final PayloadModel payloads;
    private final QueuePairCore qp;
    private final TransportEngine engine;
    private final @Nullable EngineLog writer;
    private final boolean byHand;
    private final OutboundPacket packet = new OutboundPacket();
    private final InboundPacket inbound = new InboundPacket();
    private final CompletionEntry completion = new CompletionEntry();
    private final TransportCounters counters = new TransportCounters();
    private final Map<Integer, byte[]> payloadOf = new HashMap<>();
    private long room = Long.MAX_VALUE;
    private long now = START_NANOS;

    final ArrayDeque<Sent> sent = new ArrayDeque<>();
    final ArrayDeque<Completed> sends = new ArrayDeque<>();
    final ArrayDeque<Completed> receives = new ArrayDeque<>();
    final ArrayDeque<AsyncEventType> events = new ArrayDeque<>();
    final ArrayDeque<PacketFault> faults = new ArrayDeque<>();
    private int detaches;

    /// @param settings of the queue pair
    /// @param writer that is told of everything, if there is one
    Bench(Statement settings, ScriptMemory memory, Scope scope, @Nullable EngineLog writer) {
        this.memory = memory;
        this.scope = scope;
        this.writer = writer;
        this.byHand = settings.isSet(Field.BY_HAND);
        this.payloads = new PayloadModel(memory);
        int number = setting(settings, Field.NUMBER, 0x1234, PacketForm.PSN_MASK);
        int slots = setting(settings, Field.SLOTS, 64, MOST_SLOTS);
        int receives = setting(settings, Field.RECEIVES, slots, MOST_SLOTS);
        qp =
                new QueuePairCore(
                        Words.service(settings.name(Field.SERVICE, "RC")),
                        new Accessor(ScriptMemory.DOMAIN, number, settings.isSet(Field.PRIVILEGED)),
                        settings.isSet(Field.SIGNAL_ALL),
                        memory.keys(),
                        new SendQueue(slots, MAX_SGE, MAX_INLINE),
                        new ReceiveQueue(receives, MAX_SGE));
        engine = new RcEngine(qp, this);
        qp.connection()
                .path(TO_PEER)
                .destinationQpn(0x5678)
                .mtu(256)
                .accessBits(Value.allAccess())
                .sendPsn(100)
                .receivePsn(500)
                .timeout(14)
                .retryCount(7)
                .rnrRetry(7)
                .minRnrTimer(12)
                .maxReadAtomic(16)
                .maxDestinationReadAtomic(16);
        connect(settings, Words.state(settings.name(Field.STATE, "RTS")));
    }

    private void connect(Statement settings, QueuePairState state) {
        change(settings);
        switch (state) {
            case RESET -> {}
            case INIT -> move(QueuePairState.INIT);
            case RTR -> move(QueuePairState.RTR);
            case RTS -> {
                move(QueuePairState.RTR);
                move(QueuePairState.RTS);
            }
            case SQD, SQE, ERR ->
                    throw new ScriptFailure("a queue pair begins in RESET, INIT, RTR or RTS");
        }
    }

    ScriptMemory memory() {
        return memory;
    }

    Scope scope() {
        return scope;
    }

    QueuePairCore queuePair() {
        return qp;
    }

    TransportEngine engine() {
        return engine;
    }

    int peer() {
        return qp.connection().destinationQpn();
    }

    long now() {
        return now;
    }

    int detaches() {
        return detaches;
    }

    /// The payload of the newest packet of the peer with a PSN.
    byte[] payloadOf(int psn) {
        byte[] bytes = payloadOf.get(psn);
        if (bytes == null) {
            throw new ScriptFailure("no packet with PSN " + psn + " came in");
        }
        return bytes;
    }

    // What a script does

    /// Sets what a statement names of the connection.
    void change(Statement settings) {
        ConnectionAttributes has = qp.connection();
        has.mtu(setting(settings, Field.MTU, has.mtu(), 4096))
                .destinationQpn(
                        setting(settings, Field.PEER, has.destinationQpn(), PacketForm.PSN_MASK))
                .sendPsn(setting(settings, Field.SEND_PSN, has.sendPsn(), PacketForm.PSN_MASK))
                .receivePsn(
                        setting(settings, Field.RECEIVE_PSN, has.receivePsn(), PacketForm.PSN_MASK))
                .timeout(setting(settings, Field.TIMEOUT, has.timeout(), 31))
                .retryCount(setting(settings, Field.RETRY, has.retryCount(), 7))
                .rnrRetry(setting(settings, Field.RNR_RETRY, has.rnrRetry(), 7))
                .minRnrTimer(setting(settings, Field.RNR_TIMER, has.minRnrTimer(), 31))
                .maxReadAtomic(setting(settings, Field.MAX_READ, has.maxReadAtomic(), 255))
                .maxDestinationReadAtomic(
                        setting(settings, Field.MAX_DEST_READ, has.maxDestinationReadAtomic(), 255))
                .accessBits(settings.access(Field.ACCESS, has.accessBits()));
        if (has.mtu() < 256 || Integer.bitCount(has.mtu()) != 1) {
            throw new ScriptFailure("mtu is " + has.mtu() + ", not 256, 512, 1024, 2048 or 4096");
        }
    }

    private int setting(Statement settings, Field field, int before, int largest) {
        long value = scope.number(settings, field, before);
        if (value < 0 || value > largest) {
            throw new ScriptFailure(field.text() + " is " + value + ", not 0 to " + largest);
        }
        return (int) value;
    }

    /// Moves the queue pair as `modify` does.
    void move(QueuePairState state) {
        QueuePairState before = qp.state();
        qp.state(state);
        switch (state) {
            case RESET -> engine.onReset();
            case RTR -> {
                payloads.start(qp.connection().mtu(), qp.connection().sendPsn());
                engine.onReadyToReceive();
            }
            case RTS -> {
                if (before == QueuePairState.RTR) {
                    payloads.sendFrom(qp.connection().sendPsn());
                    engine.onReadyToSend();
                }
            }
            case SQD -> engine.onDrain(true);
            case ERR -> engine.onError();
            case INIT, SQE -> {}
        }
    }

    void post(SendWqe wqe) {
        if (!qp.sendQueue().offer(wqe)) {
            throw new ScriptFailure("the send queue is full");
        }
        payloads.posted(wqe);
        if (writer != null) {
            writer.postedSend(now, wqe);
        }
    }

    void post(ReceiveWqe wqe) {
        if (qp.type() != QueuePairType.RC) {
            throw new ScriptFailure(
                    "a queue pair of type " + qp.type() + " has no receives of its own; name srq=");
        }
        if (!qp.receiveQueue().offer(wqe)) {
            throw new ScriptFailure("the receive queue is full");
        }
        if (writer != null) {
            writer.postedReceive(now, wqe);
        }
    }

    /// Posts a receive to a shared receive queue.
    void post(ReceiveWqe wqe, int queue) {
        SharedReceives shared = scope.queues().find(queue);
        if (shared == null) {
            throw new ScriptFailure("there is no shared receive queue " + queue);
        }
        if (!shared.queue().offer(wqe)) {
            throw new ScriptFailure("the shared receive queue is full");
        }
        if (writer != null) {
            writer.postedShared(now, queue, wqe);
        }
    }

    /// A packet of the peer comes in, as a device would hand it over.
    void receive(RocePacket from) {
        payloadOf.put(from.bth().psn(), from.payload().toArray());
        payloads.received(from);
        if (writer != null) {
            writer.received(now, from);
        }
        give(MemorySegment.ofBuffer(from.encode()));
    }

    /// Bytes come in: from the BTH to the padding.
    void receive(byte[] bytes) {
        if (writer != null) {
            writer.receivedBytes(now, bytes);
        }
        MemorySegment segment = MemorySegment.ofArray(new byte[bytes.length + 4]);
        give(segment.asSlice(0).copyFrom(MemorySegment.ofArray(bytes)));
    }

    private void give(MemorySegment withIcrc) {
        int length = (int) withIcrc.byteSize();
        PacketCheck check = new PacketCheck();
        PacketFault fault = check.check(withIcrc, 0, length);
        if (fault != PacketFault.NONE) {
            counters.add(TransportCounter.DROPPED_MALFORMED);
            faults.add(fault);
            if (writer != null) {
                writer.refused(now, fault);
            }
            return;
        }
        boolean xrc = qp.type() != QueuePairType.RC;
        if (check.opcode().service() != (xrc ? Service.XRC : Service.RC)) {
            counters.add(TransportCounter.DROPPED_WRONG_SERVICE);
            return;
        }
        inbound.set(withIcrc, 0, length - PacketCheck.ICRC_LENGTH);
        inbound.splitPayload(check.headerLength(), check.padLength());
        engine.onPacket(inbound, check.opcode(), now);
    }

    /// Lets the engine send, unless the script gives each turn by itself.
    void pump() {
        int turns = 0;
        while (!byHand && turn() && room > 0) {
            turns++;
            if (turns > MOST_TURNS) {
                throw new ScriptFailure("the engine has more to send for ever");
            }
        }
    }

    /// One turn of the engine.
    ///
    /// @return whether it has more to send
    boolean turn() {
        if (writer != null) {
            writer.turn(now);
        }
        return engine.transmit(now, BUDGET);
    }

    void timer() {
        if (writer != null) {
            writer.timer(now);
        }
        engine.onTimer(now);
    }

    /// Moves the clock; each timer acts when it is due.
    void advance(long nanos) {
        if (nanos > Long.MAX_VALUE - now) {
            throw new ScriptFailure(
                    "the clock ends at "
                            + Long.MAX_VALUE
                            + " ns: "
                            + nanos
                            + " more than "
                            + now
                            + " is later");
        }
        long until = now + nanos;
        int fired = 0;
        while (!byHand && engine.nextDeadline() <= until) {
            now = Math.max(now, engine.nextDeadline());
            timer();
            pump();
            fired++;
            if (fired > MOST_TURNS) {
                throw new ScriptFailure("timers of the engine are due again for ever");
            }
        }
        now = until;
    }

    void room(long packets) {
        room = packets;
    }

    // What the engine calls

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
        counters.add(TransportCounter.SENT_PACKETS);
        MemorySegment bytes =
                Arena.ofAuto().allocate((long) packet.length() + PacketCheck.ICRC_LENGTH);
        packet.copyTo(bytes, 0);
        switch (RocePacket.parse(bytes, 0, (int) bytes.byteSize())) {
            case RocePacket.Accepted accepted -> {
                sent.add(new Sent(accepted.packet(), payloads.due(accepted.packet())));
                if (writer != null) {
                    writer.sent(now, accepted.packet());
                }
            }
            case RocePacket.Refused refused ->
                    throw new ScriptFailure(
                            "the engine sent what is no packet: " + refused.fault());
        }
    }

    @Override
    public void detach() {
        detaches++;
    }

    @Override
    public CompletionEntry completion() {
        return completion;
    }

    @Override
    public void completeSend() {
        complete(sends, false);
    }

    @Override
    public void completeReceive() {
        complete(receives, true);
    }

    private void complete(ArrayDeque<Completed> queue, boolean receive) {
        WorkCompletion done = completion.toWorkCompletion();
        queue.add(new Completed(done, completion.isSolicited()));
        if (writer != null) {
            writer.completed(now, receive, done, completion.isSolicited());
        }
    }

    @Override
    public void raise(AsyncEventType type, String detail) {
        events.add(type);
        if (writer != null) {
            writer.raised(now, type);
        }
    }

    @Override
    public @Nullable SharedReceives xrcReceives(int number) {
        return scope.queues().find(number);
    }

    @Override
    public TransportCounters counters() {
        return counters;
    }

    /// What came out and was not told of yet, each as a line of a script.
    List<String> leftovers() {
        List<String> lines = new ArrayList<>();
        sent.forEach(each -> lines.add(PacketForm.text(">", each.packet(), memory)));
        sends.forEach(each -> lines.add(CompletionForm.text(false, each, memory)));
        receives.forEach(each -> lines.add(CompletionForm.text(true, each, memory)));
        events.forEach(type -> lines.add("event " + type));
        faults.forEach(fault -> lines.add("refused " + fault));
        return lines;
    }
}
