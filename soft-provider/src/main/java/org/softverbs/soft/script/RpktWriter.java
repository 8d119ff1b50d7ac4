package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.WorkCompletion;

/// Writes down what happened to one engine as a packet script, which gives the same when it runs.
///
/// Whoever watches the engine tells of each event in turn, with the time of its clock in
/// nanoseconds. The engine's turns and timers are events of their own (`qp by-hand`), so that the
/// script gives it the same ones. The script knows how many bytes went where, not which: its memory
/// has bytes of its own. A first statement `qp by-hand ...` with the settings of the queue pair,
/// and one `region` for each registration, are the watcher's to add.
public final class RpktWriter implements EngineLog {

    private final List<String> lines = new ArrayList<>();
    private long now;
    private boolean started;
    private int stimulus;
    private int sentSince;
    private boolean limited;

    /// @param sentence what the script shows, in a line
    public RpktWriter(String sentence) {
        lines.add("# " + sentence.replaceAll("\\s+", " "));
        lines.add("");
    }

    @Override
    public void statement(long nanos, String text) {
        if (started) {
            happen(nanos, text);
        } else {
            // Time begins with the first thing that happens.
            lines.add(text);
        }
    }

    @Override
    public void postedSend(long nanos, SendWqe wqe) {
        happen(nanos, RequestForm.text(wqe));
    }

    @Override
    public void postedReceive(long nanos, ReceiveWqe wqe) {
        happen(nanos, "post receive id=" + wqe.id() + elements(wqe.elements()));
    }

    @Override
    public void postedShared(long nanos, int queue, ReceiveWqe wqe) {
        String to = " srq=0x" + Integer.toHexString(queue);
        happen(nanos, "post receive id=" + wqe.id() + to + elements(wqe.elements()));
    }

    @Override
    public void received(long nanos, RocePacket packet) {
        String pad = "";
        if (packet.pad().length() != (-packet.payload().length() & 3) || !packet.pad().isZero()) {
            pad = packet.pad().length() == 0 ? " pad=0" : " pad=0x" + packet.pad();
        }
        happen(nanos, PacketForm.text("<", packet, Naming.NUMBERS) + noAckRequest(packet) + pad);
    }

    /// A request without payload asks for an acknowledgement unless it says that it does not.
    private static String noAckRequest(RocePacket packet) {
        boolean usual = packet.bth().opcode().isRequest() && !packet.bth().opcode().hasPayload();
        return usual && !packet.bth().ackRequest() ? " no-ack-request" : "";
    }

    @Override
    public void receivedBytes(long nanos, byte[] bytes) {
        happen(nanos, "< raw 0x" + HexFormat.of().formatHex(bytes));
    }

    @Override
    public void refused(long nanos, PacketFault fault) {
        add(nanos, "refused " + fault);
    }

    @Override
    public void turn(long nanos) {
        happen(nanos, "turn");
    }

    @Override
    public void timer(long nanos) {
        happen(nanos, "timer");
    }

    @Override
    public void sent(long nanos, RocePacket packet) {
        String text = PacketForm.text(">", packet, Naming.NUMBERS);
        // What an atomic found is in memory, which the script does not know.
        sentSince++;
        add(nanos, text.replaceAll(" original=\\d+", ""));
    }

    @Override
    public void completed(
            long nanos, boolean receive, WorkCompletion completion, boolean solicited) {
        Bench.Completed completed = new Bench.Completed(completion, solicited);
        add(nanos, CompletionForm.text(receive, completed, Naming.NUMBERS));
    }

    @Override
    public void raised(long nanos, AsyncEventType type) {
        add(nanos, "event " + type);
    }

    /// The engine was told that the link has no room: the last thing that happened to it gets so
    /// much room as it used.
    public void noRoom() {
        if (!limited && started) {
            lines.add(stimulus, "room " + sentSince);
            limited = true;
        }
    }

    /// Something happens to the engine.
    private void happen(long nanos, String line) {
        if (limited) {
            limited = false;
            add(nanos, "room all");
        }
        add(nanos, line);
        stimulus = lines.size() - 1;
        sentSince = 0;
    }

    /// Lines so far.
    int length() {
        return lines.size();
    }

    private void add(long nanos, String line) {
        if (started && nanos > now) {
            lines.add(Duration.text(nanos - now));
        }
        started = true;
        now = nanos;
        lines.add(line);
    }

    /// The script so far.
    public String text() {
        return String.join("\n", lines) + "\nmemory any\n";
    }

    static String elements(SgeList elements) {
        if (elements.count() == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder(" elements=");
        for (int i = 0; i < elements.count(); i++) {
            text.append(i == 0 ? "" : ",");
            text.append(Naming.NUMBERS.describeAddress(elements.address(i)));
            text.append(':').append(elements.length(i));
            text.append(':').append(Naming.NUMBERS.describeKey(elements.localKey(i)));
        }
        return text.toString();
    }
}
