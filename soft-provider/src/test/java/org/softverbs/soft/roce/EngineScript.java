package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.memory.RegisteredMemory;
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
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// One RC engine on a bench: a script posts, injects packets and moves the clock, and expects
/// packets, completions and events, in order and none besides.
///
/// The engine's own memory is at [#LOCAL] with [#LOCAL_KEY]; what its peer may reach is at
/// [#EXPOSED] with [#EXPOSED_KEY].
final class EngineScript implements EngineOutput {

    static final int NUMBER = 0x1234;
    static final int PEER = 0x5678;
    static final int DOMAIN = 1;
    static final int OTHER_DOMAIN = 2;
    static final Accessor ACCESSOR = new Accessor(DOMAIN, NUMBER, false);
    static final long LOCAL = 0x10_0000;
    static final int LOCAL_KEY = 0x0a0a_0a01;
    static final long EXPOSED = 0x8000_0000_0000L;
    static final int EXPOSED_KEY = 0x0b0b_0b02;
    static final int MEMORY = 1 << 17;
    static final int ALL_ACCESS =
            AccessFlag.bits(
                    EnumSet.complementOf(
                            EnumSet.of(
                                    AccessFlag.ZERO_BASED,
                                    AccessFlag.ON_DEMAND,
                                    AccessFlag.FLUSH_PERSISTENT,
                                    AccessFlag.RELAXED_ORDERING)));
    static final int SEND_PSN = 100;
    static final int RECEIVE_PSN = 500;
    static final int QUEUE_KEY = 0x1111_1111;

    private static final int SLOTS = 64;
    private static final int MAX_SGE = 4;
    private static final int MAX_INLINE = 512;
    private static final int BUDGET = 64;
    static final Path TO_PEER =
            new Path(
                    new GlobalIdentifier(0, 0xffff_0a00_0001L),
                    new GlobalIdentifier(0, 0xffff_0a00_0002L),
                    4791,
                    64,
                    0);

    final KeyTable keys = new KeyTable(RandomSource.seeded(new SplittableRandom(1)));
    final MemorySegment local = Arena.ofAuto().allocate(MEMORY, 64);
    final MemorySegment exposed = Arena.ofAuto().allocate(MEMORY, 64);
    final QueuePairCore qp;
    final TransportEngine engine;

    /// The shared receive queues that the target of an extended reliable connection reaches.
    final Map<Integer, SharedReceives> xrcQueues = new HashMap<>();

    private final SendWqe sendWqe =
            new SendWqe(MAX_SGE, Arena.ofAuto().allocate(MAX_INLINE, Long.BYTES));
    private final ReceiveWqe receiveWqe = new ReceiveWqe(MAX_SGE);
    private final OutboundPacket packet = new OutboundPacket();
    private final InboundPacket inbound = new InboundPacket();
    private final CompletionEntry completion = new CompletionEntry();
    private final TransportCounters counters = new TransportCounters();
    private final ArrayDeque<RocePacket> sent = new ArrayDeque<>();
    private final ArrayDeque<WorkCompletion> sends = new ArrayDeque<>();
    private final ArrayDeque<WorkCompletion> receives = new ArrayDeque<>();
    private final ArrayDeque<AsyncEventType> events = new ArrayDeque<>();
    private int room = Integer.MAX_VALUE;
    private boolean recordingPackets = true;
    private long now = 1_000_000;

    EngineScript(boolean signalAll, MemoryAccess memory, Consumer<ConnectionAttributes> settings) {
        this(signalAll, memory, ACCESSOR, settings);
    }

    EngineScript(
            boolean signalAll,
            MemoryAccess memory,
            Accessor accessor,
            Consumer<ConnectionAttributes> settings) {
        this(QueuePairType.RC, signalAll, memory, accessor, settings);
    }

    private EngineScript(
            QueuePairType type,
            boolean signalAll,
            MemoryAccess memory,
            Accessor accessor,
            Consumer<ConnectionAttributes> settings) {
        qp =
                new QueuePairCore(
                        type,
                        accessor,
                        signalAll,
                        memory == MemoryAccessDoubles.NONE ? keys : memory,
                        new SendQueue(SLOTS, MAX_SGE, MAX_INLINE),
                        new ReceiveQueue(SLOTS, MAX_SGE));
        engine =
                switch (type) {
                    case RC, XRC_SEND, XRC_RECV -> new RcEngine(qp, this);
                    case UC -> UnreliableEngine.connection(qp, this);
                    case UD, GSI -> UnreliableEngine.datagrams(qp, this);
                };
        keys.add(new RegisteredMemory(LOCAL_KEY, DOMAIN, LOCAL, local, 1));
        keys.add(new RegisteredMemory(EXPOSED_KEY, DOMAIN, EXPOSED, exposed, ALL_ACCESS));
        connect(settings);
    }

    /// An engine in RTS with MTU 256, 16 READs each way, timeout code 14, retries 7 and 7, and RNR
    /// timer code 12, but for what `settings` change.
    static EngineScript connected(Consumer<ConnectionAttributes> settings) {
        return new EngineScript(false, MemoryAccessDoubles.NONE, settings);
    }

    /// An engine of another service than RC, in RTS with MTU 256 and Q_Key [#QUEUE_KEY].
    static EngineScript of(QueuePairType type) {
        return new EngineScript(
                type, false, MemoryAccessDoubles.NONE, ACCESSOR, it -> it.queueKey(QUEUE_KEY));
    }

    static EngineScript connected() {
        return connected(connection -> {});
    }

    void connect(Consumer<ConnectionAttributes> settings) {
        readyToReceive(settings);
        readyToSend();
    }

    void readyToReceive(Consumer<ConnectionAttributes> settings) {
        ConnectionAttributes connection =
                qp.connection()
                        .path(TO_PEER)
                        .destinationQpn(PEER)
                        .mtu(256)
                        .accessBits(ALL_ACCESS)
                        .sendPsn(SEND_PSN)
                        .receivePsn(RECEIVE_PSN)
                        .timeout(14)
                        .retryCount(7)
                        .rnrRetry(7)
                        .minRnrTimer(12)
                        .maxReadAtomic(16)
                        .maxDestinationReadAtomic(16);
        settings.accept(connection);
        qp.state(QueuePairState.RTR);
        engine.onReadyToReceive();
    }

    void readyToSend() {
        qp.state(QueuePairState.RTS);
        engine.onReadyToSend();
        pump();
    }

    // What a script does

    /// Starts a request in the script's own slot; `post()` posts it.
    SendWqe begin(long id, SendOperation operation) {
        sendWqe.begin(id, operation);
        sendWqe.signaled(true);
        sendWqe.remote(EXPOSED, EXPOSED_KEY);
        return sendWqe;
    }

    void post() {
        queue();
        pump();
    }

    /// Posts without letting the engine go on.
    void queue() {
        assertThat(qp.sendQueue().offer(sendWqe)).isTrue();
    }

    void post(long id, SendOperation operation, long length) {
        post(id, operation, length, wqe -> {});
    }

    void post(long id, SendOperation operation, long length, Consumer<SendWqe> more) {
        SendWqe wqe = begin(id, operation);
        if (length > 0) {
            wqe.elements().add(LOCAL, (int) length, LOCAL_KEY);
        }
        more.accept(wqe);
        post();
    }

    void postReceive(long id, long length) {
        postReceive(id, LOCAL + MEMORY / 2, length, LOCAL_KEY);
    }

    /// Posts a receive in the script's own memory to a shared receive queue.
    void postShared(SharedReceives queue, long id, long length) {
        receiveWqe.begin(id);
        receiveWqe.elements().add(LOCAL + MEMORY / 2, (int) length, LOCAL_KEY);
        assertThat(queue.queue().offer(receiveWqe)).isTrue();
    }

    void postReceive(long id, long address, long length, int key) {
        receiveWqe.begin(id);
        receiveWqe.elements().add(address, (int) length, key);
        assertThat(qp.receiveQueue().offer(receiveWqe)).isTrue();
        pump();
    }

    void inject(TestPacket packet) {
        give(packet);
        pump();
    }

    /// Gives a packet without letting the engine answer.
    void give(TestPacket packet) {
        inbound.set(packet.bytes(), 0, packet.length());
        inbound.splitPayload(packet.opcode().headerLength(), packet.padding());
        engine.onPacket(inbound, packet.opcode(), now);
    }

    /// Gives this engine a packet that another one sent.
    void inject(RocePacket packet) {
        MemorySegment bytes = MemorySegment.ofBuffer(packet.encode());
        RoceOpcode opcode = packet.bth().opcode();
        inbound.set(bytes, 0, packet.length());
        inbound.splitPayload(opcode.headerLength(), packet.pad().length());
        engine.onPacket(inbound, opcode, now);
        pump();
    }

    /// Moves the clock, letting each timer act when it is due.
    void advance(long nanos) {
        long until = now + nanos;
        while (engine.nextDeadline() <= until) {
            now = Math.max(now, engine.nextDeadline());
            engine.onTimer(now);
            pump();
        }
        now = until;
    }

    /// Lets the link take so many packets, and no more.
    void room(int packets) {
        room = packets;
        pump();
    }

    void dropSent() {
        sent.clear();
    }

    /// For long messages: packets are counted, not kept.
    void recordPackets(boolean value) {
        recordingPackets = value;
    }

    void pump() {
        boolean more;
        do {
            more = engine.transmit(now, BUDGET);
        } while (more && room > 0);
    }

    long now() {
        return now;
    }

    long count(TransportCounter counter) {
        return counters.get(counter);
    }

    void deregister(int key) {
        keys.remove(key);
    }

    // What a script expects

    SentPacket expectPacket(RoceOpcode opcode, int psn) {
        assertThat(sent).as("a packet %s %s", opcode, psn).isNotEmpty();
        RocePacket first = sent.removeFirst();
        assertThat(first.bth().opcode() + " psn " + first.bth().psn())
                .isEqualTo(opcode + " psn " + (psn & 0xff_ffff));
        assertThat(first.bth().destinationQpn()).isEqualTo(PEER);
        return new SentPacket(first);
    }

    SentPacket expectNak(int psn, int syndrome) {
        return expectPacket(RoceOpcode.RC_ACKNOWLEDGE, psn).syndrome(syndrome);
    }

    void expectCompletion(long id) {
        expectCompletion(id, WorkCompletionStatus.SUCCESS);
    }

    WorkCompletion expectCompletion(long id, WorkCompletionStatus status) {
        return expect(sends, id, status);
    }

    void expectReceiveFlushed(long id) {
        expectReceive(id, WorkCompletionStatus.WR_FLUSH_ERR);
    }

    WorkCompletion expectReceive(long id, WorkCompletionStatus status) {
        return expect(receives, id, status);
    }

    WorkCompletion expectReceive(long id, WorkCompletionOpcode opcode, long length) {
        WorkCompletion done = expect(receives, id, WorkCompletionStatus.SUCCESS);
        assertThat(done.opcode()).isEqualTo(opcode);
        assertThat(done.byteLength()).isEqualTo(length);
        return done;
    }

    private static WorkCompletion expect(
            ArrayDeque<WorkCompletion> queue, long id, WorkCompletionStatus status) {
        assertThat(queue).as("completion of %s", id).isNotEmpty();
        WorkCompletion first = queue.removeFirst();
        assertThat(first.workRequestId() + " " + first.status()).isEqualTo(id + " " + status);
        assertThat(first.queuePairNumber()).isEqualTo(NUMBER);
        return first;
    }

    void expectEvent(AsyncEventType type) {
        assertThat(events.pollFirst()).isEqualTo(type);
    }

    void expectState(QueuePairState state) {
        assertThat(qp.state()).isEqualTo(state);
    }

    /// Neither packet nor completion nor event is left.
    void expectNothing() {
        assertThat(sent).isEmpty();
        assertThat(sends).isEmpty();
        assertThat(receives).isEmpty();
        assertThat(events).isEmpty();
    }

    int sendsLeft() {
        return sends.size();
    }

    int packetsLeft() {
        return sent.size();
    }

    List<RocePacket> takeSent() {
        List<RocePacket> all = new ArrayList<>(sent);
        sent.clear();
        return all;
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
        assertThat(packet.header().get(ValueLayout.JAVA_BYTE, 1) >> 4 & 3)
                .as("pad count in the header")
                .isEqualTo(packet.padding());
        if (!recordingPackets) {
            return;
        }
        MemorySegment bytes =
                Arena.ofAuto().allocate((long) packet.length() + PacketCheck.ICRC_LENGTH);
        assertThat(packet.copyTo(bytes, 0)).isTrue();
        RocePacket.Parsed parsed = RocePacket.parse(bytes, 0, (int) bytes.byteSize());
        assertThat(parsed).isInstanceOf(RocePacket.Accepted.class);
        if (parsed instanceof RocePacket.Accepted accepted) {
            sent.add(accepted.packet());
        }
    }

    @Override
    public void detach() {}

    @Override
    public CompletionEntry completion() {
        return completion;
    }

    @Override
    public void completeSend() {
        sends.add(completion.toWorkCompletion());
    }

    @Override
    public void completeReceive() {
        receives.add(completion.toWorkCompletion());
    }

    @Override
    public @Nullable SharedReceives xrcReceives(int number) {
        return xrcQueues.get(number);
    }

    @Override
    public void raise(AsyncEventType type, String detail) {
        events.add(type);
    }

    @Override
    public TransportCounters counters() {
        return counters;
    }
}
