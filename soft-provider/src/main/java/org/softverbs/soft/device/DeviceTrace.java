package org.softverbs.soft.device;

import java.util.Locale;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecorder;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletionStatus;

/// Writes what a device does into a trace, but for its packets, which the link knows best.
final class DeviceTrace implements DeviceWitness {

    private final TraceRecorder recorder;

    DeviceTrace(TraceRecorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public void moved(QueuePairCore queuePair) {
        recorder.add(TraceKind.NOTE, name(queuePair) + " is in " + queuePair.state());
    }

    @Override
    public void failed(QueuePairCore queuePair, Explanation why) {
        recorder.add(TraceKind.NOTE, name(queuePair) + " fails: " + why.line());
    }

    @Override
    public void posted(QueuePairCore queuePair, SendWqe request) {
        recorder.add(
                TraceKind.POSTED,
                String.format(
                        Locale.ROOT,
                        "%s request %d %s of %d",
                        name(queuePair),
                        request.id(),
                        request.operation(),
                        request.length()));
    }

    @Override
    public void posted(QueuePairCore queuePair, ReceiveWqe request) {
        recorder.add(
                TraceKind.POSTED,
                String.format(
                        Locale.ROOT,
                        "%s request %d RECEIVE of %d",
                        name(queuePair),
                        request.id(),
                        request.elements().total()));
    }

    @Override
    public void completed(
            QueuePairCore queuePair, boolean receive, boolean kept, CompletionEntry completion) {
        StringBuilder text = new StringBuilder(name(queuePair));
        text.append(" request ").append(completion.id());
        if (completion.status() == WorkCompletionStatus.SUCCESS) {
            text.append(' ').append(completion.opcode()).append(" SUCCESS");
            text.append(receive ? ", " + completion.byteLength() + " bytes" : "");
        } else {
            text.append(receive ? " RECEIVE " : " ").append(completion.status()).append(": ");
            text.append(completion.toWorkCompletion().explain().line());
        }
        if (kept) {
            recorder.add(TraceKind.COMPLETED, text.toString());
        } else {
            recorder.add(TraceKind.NOTE, text + "; lost, the completion queue is full");
        }
    }

    @Override
    public void reported(AsyncEvent event) {
        recorder.add(
                TraceKind.EVENT, event.type() + " of " + event.element() + ": " + event.detail());
    }

    @Override
    public void dropped(TransportCounter reason) {
        if (reason == TransportCounter.DROPPED_BAD_ICRC) {
            recorder.add(TraceKind.BAD_ICRC, "");
        } else {
            recorder.add(TraceKind.NOTE, "a packet is dropped: " + reason.reportName());
        }
    }

    private static String name(QueuePairCore queuePair) {
        return "qp 0x" + Integer.toHexString(queuePair.number());
    }
}
