package org.softverbs.soft.script;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.ConnectionAttributes;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.packet.Bth;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairState;

/// What happened to the engine of one queue pair, as a packet script; or why that cannot be one.
public final class EngineScript {

    /// Statements that a reader of scripts takes.
    private static final int LONGEST = 100_000;

    private final String node;
    private final QueuePairCore queuePair;
    private final RpktWriter log;
    private final Map<Field, Integer> told = new EnumMap<>(Field.class);
    private final Map<Integer, String> names = new LinkedHashMap<>();
    private int regions;
    private boolean ended;
    private String obstacle = "";

    EngineScript(String node, QueuePairCore queuePair, long nanos) {
        this.node = node;
        this.queuePair = queuePair;
        this.log = new RpktWriter("");
        if (queuePair.accessor().privileged()) {
            refuse("it is a queue pair of kernel code, which has memory that a script cannot have");
        }
        log.statement(
                nanos,
                String.format(
                        Locale.ROOT,
                        "qp by-hand state=RESET number=0x%x slots=%d receives=%d%s",
                        queuePair.number(),
                        queuePair.sendQueue().capacity(),
                        queuePair.receiveQueue().capacity(),
                        queuePair.isSignalAll() ? " signal-all" : ""));
    }

    /// Which queue pair it is, as `n1 qp 17`.
    public String name() {
        return node + " qp " + queuePair.number();
    }

    /// Why there is no script; nothing when there is one.
    public Optional<String> obstacle() {
        String why =
                log.length() > LONGEST ? "it has more than " + LONGEST + " statements" : obstacle;
        return why.isEmpty() ? Optional.empty() : Optional.of(why);
    }

    /// The script.
    ///
    /// @param sentence what it shows, in a line
    /// @throws IllegalStateException when there is an [#obstacle()]
    public String text(String sentence) {
        if (obstacle().isPresent()) {
            throw new IllegalStateException(name() + " has no script: " + obstacle().get());
        }
        String body = log.text();
        return "# " + sentence.replaceAll("\\s+", " ") + body.substring(body.indexOf('\n'));
    }

    /// Whether it goes no further.
    boolean isEnded() {
        return ended;
    }

    RpktWriter log() {
        return log;
    }

    /// Cannot be a script, for a reason; the first one counts.
    void refuse(String why) {
        obstacle = obstacle.isEmpty() ? why : obstacle;
    }

    void registered(long nanos, RegisteredMemory region) {
        if (region.size() < 1 || region.size() > ScriptMemory.LONGEST) {
            refuse("a region has " + region.size() + " bytes");
        }
        regions++;
        String name = "r" + regions;
        names.put(region.key(), name);
        int own = queuePair.accessor().domain();
        log.statement(
                nanos,
                String.format(
                        Locale.ROOT,
                        "region %s key=0x%08x address=0x%x length=%d access=%s domain=%d",
                        name,
                        region.key(),
                        region.address(),
                        region.size(),
                        Value.access(region.accessBits()),
                        region.domain() == own ? ScriptMemory.DOMAIN : region.domain() + 2));
    }

    void deregistered(long nanos, int key) {
        String name = names.remove(key);
        if (name != null) {
            log.statement(nanos, "deregister " + name);
        }
    }

    void moved(long nanos) {
        if (queuePair.state() == QueuePairState.SQD) {
            refuse("it was drained");
        }
        StringBuilder text = new StringBuilder("modify ").append(queuePair.state());
        ConnectionAttributes connection = queuePair.connection();
        change(text, Field.PEER, connection.destinationQpn());
        change(text, Field.MTU, connection.mtu());
        change(text, Field.SEND_PSN, connection.sendPsn());
        change(text, Field.RECEIVE_PSN, connection.receivePsn());
        change(text, Field.TIMEOUT, connection.timeout());
        change(text, Field.RETRY, connection.retryCount());
        change(text, Field.RNR_RETRY, connection.rnrRetry());
        change(text, Field.RNR_TIMER, connection.minRnrTimer());
        change(text, Field.MAX_READ, connection.maxReadAtomic());
        change(text, Field.MAX_DEST_READ, connection.maxDestinationReadAtomic());
        Integer before = told.put(Field.ACCESS, connection.accessBits());
        if (before == null || before != connection.accessBits()) {
            text.append(" access=").append(Value.access(connection.accessBits()));
        }
        log.statement(nanos, text.toString());
    }

    private void change(StringBuilder text, Field field, int value) {
        Integer before = told.put(field, value);
        if (before == null || before != value) {
            text.append(' ').append(field.text()).append('=').append(value);
        }
    }

    /// An engine that threw does nothing more that a script could follow.
    void failed(Explanation why) {
        if (why.causes().stream().anyMatch(Cause.InternalFault.class::isInstance)) {
            ended = true;
        }
    }

    void posted(long nanos, SendWqe request) {
        if (request.elements().count() > Bench.MAX_SGE
                || (request.isInline() && request.length() > Bench.MAX_INLINE)) {
            refuse("request " + request.id() + " has more data than a script's can have");
        }
        log.postedSend(nanos, request);
    }

    void posted(long nanos, ReceiveWqe request) {
        if (request.elements().count() > Bench.MAX_SGE) {
            refuse("receive " + request.id() + " has more elements than a script's can have");
        }
        log.postedReceive(nanos, request);
    }

    void received(long nanos, InboundPacket packet) {
        int length = packet.wholeLength();
        MemorySegment bytes = Arena.ofAuto().allocate((long) length + PacketCheck.ICRC_LENGTH);
        if (!packet.copyTo(bytes, 0)) {
            refuse("memory of a packet is gone");
            return;
        }
        if (RocePacket.parse(bytes, 0, (int) bytes.byteSize())
                        instanceof RocePacket.Accepted accepted
                && isPlain(accepted.packet().bth())) {
            log.received(nanos, accepted.packet());
        } else {
            log.receivedBytes(nanos, bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /// Whether a packet has no field that its form in scripts lacks.
    private static boolean isPlain(Bth bth) {
        return bth.partitionKey() == BthFlyweight.DEFAULT_PARTITION_KEY
                && bth.transportVersion() == 0;
    }

    void sent(long nanos, OutboundPacket packet) {
        MemorySegment bytes =
                Arena.ofAuto().allocate((long) packet.length() + PacketCheck.ICRC_LENGTH);
        if (packet.copyTo(bytes, 0)
                && RocePacket.parse(bytes, 0, (int) bytes.byteSize())
                        instanceof RocePacket.Accepted accepted) {
            log.sent(nanos, accepted.packet());
        } else {
            refuse("it sent what is no packet");
        }
    }
}
