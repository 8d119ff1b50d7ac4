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
public final class RpktWriter {

    private final List<String> lines = new ArrayList<>();
    private long now;
    private boolean started;

    /// @param sentence what the script shows, in a line
    public RpktWriter(String sentence) {
        lines.add("# " + sentence.replaceAll("\\s+", " "));
        lines.add("");
    }

    /// Adds a statement as it stands: `qp`, `region`, `window`, `fast`, `deregister`, `modify`,
    /// `room`, `set` or `acknowledge`.
    public void statement(long nanos, String text) {
        if (started) {
            add(nanos, text);
        } else {
            // Time begins with the first thing that happens.
            lines.add(text);
        }
    }

    /// A request was posted.
    public void postedSend(long nanos, SendWqe wqe) {
        add(nanos, RequestForm.text(wqe));
    }

    /// A receive was posted.
    public void postedReceive(long nanos, ReceiveWqe wqe) {
        add(nanos, "post receive id=" + wqe.id() + elements(wqe.elements()));
    }

    /// A packet came to the engine.
    public void received(long nanos, RocePacket packet) {
        String pad = "";
        if (packet.pad().length() != (-packet.payload().length() & 3) || !packet.pad().isZero()) {
            pad = packet.pad().length() == 0 ? " pad=0" : " pad=0x" + packet.pad();
        }
        add(nanos, PacketForm.text("<", packet, Naming.NUMBERS) + noAckRequest(packet) + pad);
    }

    /// A request without payload asks for an acknowledgement unless it says that it does not.
    private static String noAckRequest(RocePacket packet) {
        boolean usual = packet.bth().opcode().isRequest() && !packet.bth().opcode().hasPayload();
        return usual && !packet.bth().ackRequest() ? " no-ack-request" : "";
    }

    /// Bytes came in, from the BTH to the padding, whether or not they are a packet.
    public void receivedBytes(long nanos, byte[] bytes) {
        add(nanos, "< raw 0x" + HexFormat.of().formatHex(bytes));
    }

    /// What came in is no packet.
    public void refused(long nanos, PacketFault fault) {
        add(nanos, "refused " + fault);
    }

    /// The engine has its turn to send.
    public void turn(long nanos) {
        add(nanos, "turn");
    }

    /// The engine's timers are looked at.
    public void timer(long nanos) {
        add(nanos, "timer");
    }

    /// The engine sent a packet.
    public void sent(long nanos, RocePacket packet) {
        String text = PacketForm.text(">", packet, Naming.NUMBERS);
        // What an atomic found is in memory, which the script does not know.
        add(nanos, text.replaceAll(" original=\\d+", ""));
    }

    /// The engine completed a request, or a receive.
    public void completed(
            long nanos, boolean receive, WorkCompletion completion, boolean solicited) {
        Bench.Completed completed = new Bench.Completed(completion, solicited);
        add(nanos, CompletionForm.text(receive, completed, Naming.NUMBERS));
    }

    /// The engine raised an event.
    public void raised(long nanos, AsyncEventType type) {
        add(nanos, "event " + type);
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
