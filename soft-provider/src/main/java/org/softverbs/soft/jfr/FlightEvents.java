package org.softverbs.soft.jfr;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.softverbs.sanitizer.Report;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Hands events to the flight recorder. Each method looks first whether somebody records, by an
/// event that is never committed, and makes nothing when not.
public final class FlightEvents {

    private static final StateChange STATE_CHANGE = new StateChange();
    private static final FailedCompletion FAILED_COMPLETION = new FailedCompletion();
    private static final Retransmission RETRANSMISSION = new Retransmission();
    private static final Nak NAK = new Nak();
    private static final RnrNak RNR_NAK = new RnrNak();
    private static final PacketDrop PACKET_DROP = new PacketDrop();
    private static final Overrun OVERRUN = new Overrun();
    private static final MemoryRefusal MEMORY_REFUSAL = new MemoryRefusal();
    private static final Stuck STUCK = new Stuck();
    private static final Asynchronous ASYNCHRONOUS = new Asynchronous();
    private static final Created CREATED = new Created();
    private static final Opened OPENED = new Opened();
    private static final SanitizerReport SANITIZER_REPORT = new SanitizerReport();

    private FlightEvents() {}

    @Name("org.softverbs.QueuePairState")
    @Label("Queue Pair State")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class StateChange extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("From")
        String from = "";

        @Label("To")
        String to = "";
    }

    /// A queue pair changes its state.
    public static void stateChanged(int queuePair, QueuePairState from, QueuePairState to) {
        if (STATE_CHANGE.isEnabled()) {
            StateChange event = new StateChange();
            event.queuePair = queuePair;
            event.from = from.name();
            event.to = to.name();
            event.commit();
        }
    }

    @Name("org.softverbs.FailedCompletion")
    @Label("Failed Completion")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class FailedCompletion extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("Work Request")
        long id;

        @Label("Operation")
        String opcode = "";

        @Label("Status")
        String status = "";

        @Label("Explanation")
        String explanation = "";
    }

    /// A request of a queue pair ends with an error of its own: not one that is flushed.
    public static void completionFailed(
            int queuePair,
            long id,
            WorkCompletionOpcode opcode,
            WorkCompletionStatus status,
            Explanation why) {
        if (FAILED_COMPLETION.isEnabled()) {
            FailedCompletion event = new FailedCompletion();
            event.queuePair = queuePair;
            event.id = id;
            event.opcode = opcode.name();
            event.status = status.name();
            event.explanation = why.line();
            event.commit();
        }
    }

    @Name("org.softverbs.Retransmission")
    @Label("Retransmission")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Retransmission extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("First PSN")
        int psn;

        @Label("Reason")
        String reason = "";

        @Label("Retries Left")
        int retriesLeft;
    }

    /// A queue pair goes back to the oldest packet under way.
    public static void retransmitted(int queuePair, int psn, RetryReason reason, int retriesLeft) {
        if (RETRANSMISSION.isEnabled()) {
            Retransmission event = new Retransmission();
            event.queuePair = queuePair;
            event.psn = psn;
            event.reason = reason.name();
            event.retriesLeft = retriesLeft;
            event.commit();
        }
    }

    @Name("org.softverbs.Nak")
    @Label("NAK")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Nak extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("Sent")
        boolean sent;

        @Label("PSN")
        int psn;

        @Label("Code")
        String code = "";
    }

    /// A NAK is about to be sent, or was received.
    public static void nak(int queuePair, boolean sent, int psn, int syndrome) {
        if (NAK.isEnabled()) {
            Nak event = new Nak();
            event.queuePair = queuePair;
            event.sent = sent;
            event.psn = psn;
            event.code = NakCode.of(syndrome).name();
            event.commit();
        }
    }

    @Name("org.softverbs.RnrNak")
    @Label("RNR NAK")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class RnrNak extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("Sent")
        boolean sent;

        @Label("PSN")
        int psn;

        @Label("Wait (us)")
        long waitMicros;
    }

    /// An RNR NAK is about to be sent, or was received.
    public static void rnrNak(int queuePair, boolean sent, int psn, long waitNanos) {
        if (RNR_NAK.isEnabled()) {
            RnrNak event = new RnrNak();
            event.queuePair = queuePair;
            event.sent = sent;
            event.psn = psn;
            event.waitMicros = waitNanos / 1000;
            event.commit();
        }
    }

    @Name("org.softverbs.PacketDrop")
    @Label("Packet Drop")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class PacketDrop extends Event {
        @Label("Device")
        String device = "";

        @Label("Reason")
        String reason = "";
    }

    /// A packet is dropped, for the reason that a counter has.
    public static void packetDropped(String device, Enum<?> reason) {
        if (PACKET_DROP.isEnabled()) {
            PacketDrop event = new PacketDrop();
            event.device = device;
            event.reason = reason.name();
            event.commit();
        }
    }

    @Name("org.softverbs.CompletionQueueOverrun")
    @Label("Completion Queue Overrun")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Overrun extends Event {
        @Label("Device")
        String device = "";

        @Label("Completion Queue")
        int queue;

        @Label("Entries")
        int entries;
    }

    /// A completion queue overran.
    public static void overran(String device, int queue, int entries) {
        if (OVERRUN.isEnabled()) {
            Overrun event = new Overrun();
            event.device = device;
            event.queue = queue;
            event.entries = entries;
            event.commit();
        }
    }

    @Name("org.softverbs.MemoryRefusal")
    @Label("Memory Refusal")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class MemoryRefusal extends Event {
        @Label("Queue Pair")
        int queuePair;

        @Label("Reason")
        String reason = "";

        @Label("Right")
        String right = "";

        @Label("Key")
        int key;

        @Label("Address")
        long address;

        @Label("Length")
        long length;
    }

    /// Memory was refused to a queue pair or its peer.
    public static void memoryRefused(int queuePair, Cause.MemoryRefused refused) {
        if (MEMORY_REFUSAL.isEnabled()) {
            MemoryRefusal event = new MemoryRefusal();
            event.queuePair = queuePair;
            event.reason = refused.refusal().name();
            event.right = refused.right().name();
            event.key = refused.key();
            event.address = refused.address();
            event.length = refused.length();
            event.commit();
        }
    }

    @Name("org.softverbs.Stuck")
    @Label("Queue Pair without Progress")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Stuck extends Event {
        @Label("Device")
        String device = "";

        @Label("Queue Pair")
        int queuePair;

        @Label("Waits For")
        String waitsFor = "";

        @Label("Waited (ms)")
        long waitedMillis;
    }

    /// The watchdog found a queue pair that makes no progress.
    public static void stuck(String device, int queuePair, String waitsFor, long waitedNanos) {
        if (STUCK.isEnabled()) {
            Stuck event = new Stuck();
            event.device = device;
            event.queuePair = queuePair;
            event.waitsFor = waitsFor;
            event.waitedMillis = waitedNanos / 1_000_000;
            event.commit();
        }
    }

    @Name("org.softverbs.DeviceOpened")
    @Label("Device Opened")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Opened extends Event {
        @Label("Device")
        String device = "";
    }

    /// A device was opened.
    public static void opened(String device) {
        if (OPENED.isEnabled()) {
            Opened event = new Opened();
            event.device = device;
            event.commit();
        }
    }

    /// With the stack of the call that was wrong.
    @Name("org.softverbs.SanitizerReport")
    @Label("Sanitizer Report")
    @Category("SoftVerbs")
    static final class SanitizerReport extends Event {
        @Label("Finding")
        String finding = "";

        @Label("Report")
        String report = "";
    }

    /// The sanitizer found a misuse.
    public static void found(Report report) {
        if (SANITIZER_REPORT.isEnabled()) {
            SanitizerReport event = new SanitizerReport();
            event.finding = report.finding().name();
            event.report = report.toString();
            event.commit();
        }
    }

    @Name("org.softverbs.AsyncEvent")
    @Label("Asynchronous Event")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Asynchronous extends Event {
        @Label("Device")
        String device = "";

        @Label("Type")
        String type = "";

        @Label("Element")
        int element;

        @Label("Detail")
        String detail = "";
    }

    /// A device raises an asynchronous event: of its port, a queue pair, a completion queue, or
    /// itself.
    public static void raised(String device, AsyncEvent raised) {
        if (ASYNCHRONOUS.isEnabled()) {
            Asynchronous event = new Asynchronous();
            event.device = device;
            event.type = raised.type().name();
            event.element = raised.element();
            event.detail = raised.detail();
            event.commit();
        }
    }

    @Name("org.softverbs.QueuePairCreated")
    @Label("Queue Pair Created")
    @Category("SoftVerbs")
    @StackTrace(false)
    static final class Created extends Event {
        @Label("Device")
        String device = "";

        @Label("Queue Pair")
        int queuePair;
    }

    /// A device has a new queue pair.
    public static void created(String device, int queuePair) {
        if (CREATED.isEnabled()) {
            Created event = new Created();
            event.device = device;
            event.queuePair = queuePair;
            event.commit();
        }
    }
}
