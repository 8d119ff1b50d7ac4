package org.softverbs.soft.script;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.WorkCompletion;

/// Makes a trace of the run of a script: the engine is node 1, the peer that the script plays is
/// node 2. Each script begins at time 0. ICRCs are those between 10.0.0.1 and 10.0.0.2.
public final class ScriptTrace implements EngineLog {

    private static final int ENGINE = 1;
    private static final int PEER = 2;
    private static final int PORT = 4791;
    private static final byte[] ENGINE_ADDRESS = {10, 0, 0, 1};
    private static final byte[] PEER_ADDRESS = {10, 0, 0, 2};
    private static final Octets NO_PACKET = Octets.of();

    private final Consumer<TraceRecord> target;
    private final Icrc outbound = new Icrc(ENGINE_ADDRESS, PEER_ADDRESS);
    private final Icrc inbound = new Icrc(PEER_ADDRESS, ENGINE_ADDRESS);

    /// @param script its name, for a note
    /// @param target who gets the records
    public ScriptTrace(String script, Consumer<TraceRecord> target) {
        this.target = target;
        target.accept(new TraceRecord(0, TraceKind.NOTE, ENGINE, 0, script, NO_PACKET));
    }

    private void add(long nanos, TraceKind kind, String text) {
        add(nanos, kind, 0, text, NO_PACKET);
    }

    private void add(long nanos, TraceKind kind, int peer, String text, Octets packet) {
        long since = nanos - Bench.START_NANOS;
        target.accept(new TraceRecord(since, kind, ENGINE, peer, text, packet));
    }

    private static Octets seal(ByteBuffer bytes, int covered, Icrc icrc) {
        Icrc.store(
                bytes, covered, icrc.compute(PORT, PORT, 0, Icrc.DONT_FRAGMENT, bytes, 0, covered));
        byte[] sealed = new byte[covered + PacketCheck.ICRC_LENGTH];
        bytes.get(0, sealed);
        return Octets.of(sealed);
    }

    @Override
    public void postedSend(long nanos, SendWqe wqe) {
        add(nanos, TraceKind.POSTED, RequestForm.text(wqe).substring("post ".length()));
    }

    @Override
    public void postedReceive(long nanos, ReceiveWqe wqe) {
        add(nanos, TraceKind.POSTED, "receive id=" + wqe.id());
    }

    @Override
    public void postedShared(long nanos, int queue, ReceiveWqe wqe) {
        String to = " srq=0x" + Integer.toHexString(queue);
        add(nanos, TraceKind.POSTED, "receive id=" + wqe.id() + to);
    }

    @Override
    public void received(long nanos, RocePacket packet) {
        Octets sealed = seal(packet.encode(), packet.length(), inbound);
        add(nanos, TraceKind.ARRIVED, PEER, "", sealed);
    }

    @Override
    public void receivedBytes(long nanos, byte[] bytes) {
        int longer = bytes.length + PacketCheck.ICRC_LENGTH;
        ByteBuffer room = ByteBuffer.wrap(Arrays.copyOf(bytes, longer));
        add(nanos, TraceKind.ARRIVED, PEER, "", seal(room, bytes.length, inbound));
    }

    @Override
    public void refused(long nanos, PacketFault fault) {
        add(nanos, TraceKind.NOTE, "refused: " + fault);
    }

    @Override
    public void timer(long nanos) {
        add(nanos, TraceKind.TIMER, "timer");
    }

    @Override
    public void sent(long nanos, RocePacket packet) {
        Octets sealed = seal(packet.encode(), packet.length(), outbound);
        add(nanos, TraceKind.SENT, PEER, "", sealed);
    }

    @Override
    public void completed(
            long nanos, boolean receive, WorkCompletion completion, boolean solicited) {
        add(
                nanos,
                TraceKind.COMPLETED,
                (receive ? "receive id=" : "send id=")
                        + Long.toUnsignedString(completion.workRequestId())
                        + ' '
                        + completion.status());
    }

    @Override
    public void raised(long nanos, AsyncEventType type) {
        add(nanos, TraceKind.EVENT, type.name());
    }
}
