package org.softverbs.soft.roce;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// A reliable connection: requester, completer and responder of one queue pair, and its moves to
/// ERR.
///
/// One thread at a time, the owner of the device, calls it; nothing here is locked.
public final class RcEngine implements TransportEngine {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final RcRequester requester;
    private final RcCompleter completer;
    private final RcResponses responses;
    private final RcResponder responder;
    private boolean established;
    private boolean notifyWhenDrained;
    private boolean answersFirst;

    public RcEngine(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.requester = new RcRequester(qp, output);
        this.completer = new RcCompleter(qp, output, requester);
        this.responses = new RcResponses(qp, output);
        this.responder = new RcResponder(qp, output, responses);
    }

    /// The service that a reliable queue pair speaks.
    static RoceOpcode.Service serviceOf(QueuePairCore qp) {
        return isXrc(qp) ? RoceOpcode.Service.XRC : RoceOpcode.Service.RC;
    }

    private static boolean isXrc(QueuePairCore qp) {
        return qp.type() == QueuePairType.XRC_SEND || qp.type() == QueuePairType.XRC_RECV;
    }

    /// An initiator serves nobody, a target asks for nothing.
    private boolean isForOther(RoceOpcode opcode) {
        return isXrc(qp) && opcode.isRequest() == (qp.type() == QueuePairType.XRC_SEND);
    }

    @Override
    public void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos) {
        QueuePairState state = qp.state();
        if (!qp.canReceive() || (opcode.isResponse() && state == QueuePairState.RTR)) {
            output.counters().add(TransportCounter.DROPPED_NOT_READY);
            return;
        }
        if (isForOther(opcode)) {
            output.counters().add(TransportCounter.DROPPED_WRONG_SERVICE);
            return;
        }
        if (state == QueuePairState.RTR && !established) {
            established = true;
            output.raise(AsyncEventType.COMM_EST, "a packet arrived before RTS");
        }
        if (opcode.isRequest()) {
            responder.onPacket(packet, opcode, nowNanos);
        } else {
            completer.onPacket(packet, opcode, nowNanos);
            settle();
        }
    }

    @Override
    public boolean transmit(long nowNanos, int budget) {
        if (qp.state() == QueuePairState.ERR) {
            flush();
            return false;
        }
        int rest = budget;
        if (responses.hasAnswers()) {
            // A peer that asks for much must not keep our own requests from leaving, nor they its
            // answers; of a link with little room each has the first turn by turns.
            boolean both = qp.canSend() && requester.canTransmit();
            int half = both ? (budget + 1) / 2 : budget;
            answersFirst = !answersFirst;
            if (both && !answersFirst) {
                rest -= transmitRequests(nowNanos, half);
            }
            rest -= transmitResponses(Math.min(rest, half));
        }
        rest -= transmitRequests(nowNanos, rest);
        // Behind requests: an acknowledgement is short and leaves in their run.
        transmitResponses(rest);
        return hasWork();
    }

    private int transmitRequests(long nowNanos, int budget) {
        if (!qp.canSend()) {
            return 0;
        }
        int sent = requester.transmit(budget);
        if (sent > 0) {
            completer.onTransmitted(nowNanos);
        }
        settle();
        return sent;
    }

    @Override
    public void transmitAcknowledge() {
        if (qp.canReceive() && !responses.hasAnswers()) {
            responses.transmit(1);
        }
    }

    private int transmitResponses(int budget) {
        if (!qp.canReceive()) {
            return 0;
        }
        int sent = responses.transmit(budget);
        if (responses.hasEnded()) {
            enterError();
        }
        return sent;
    }

    @Override
    public int nextSendPsn() {
        return requester.nextPsn();
    }

    @Override
    public int nextReceivePsn() {
        return responder.expectedPsn();
    }

    private boolean hasWork() {
        return (qp.canReceive() && responses.hasWork())
                || (qp.canSend() && requester.canTransmit());
    }

    @Override
    public void onTimer(long nowNanos) {
        responder.onTimer(nowNanos);
        if (qp.canSend()) {
            completer.onTimer(nowNanos);
            settle();
        }
    }

    @Override
    public long nextDeadline() {
        long sending = qp.canSend() ? completer.nextDeadline() : NO_DEADLINE;
        return Math.min(sending, responder.nextDeadline());
    }

    /// Acts on what a packet, a timer or a transmission brought about.
    private void settle() {
        completer.completeLocalOperations();
        if (requester.hasFailedAtHead()) {
            completer.fail(requester.failure(), requester.failureCause());
        }
        if (completer.failure() != WorkCompletionStatus.SUCCESS) {
            enterError();
            return;
        }
        if (notifyWhenDrained && qp.state() == QueuePairState.SQD && requester.isDrained()) {
            notifyWhenDrained = false;
            output.raise(AsyncEventType.SQ_DRAINED, "everything started is completed");
        }
    }

    private void enterError() {
        qp.state(QueuePairState.ERR);
        flush();
    }

    private void flush() {
        completer.flush();
        responder.flush();
        completer.reset();
        responses.reset();
    }

    @Override
    public void onReadyToReceive() {
        established = false;
        responder.start();
        responses.start();
    }

    @Override
    public void onReadyToSend() {
        requester.start();
        completer.start();
    }

    @Override
    public void onDrain(boolean notify) {
        notifyWhenDrained = notify;
        settle();
    }

    @Override
    public void onError() {
        flush();
    }

    @Override
    public void onReset() {
        qp.sendQueue().clear();
        qp.receives().clear();
        requester.reset();
        completer.reset();
        responder.reset();
        responses.reset();
        notifyWhenDrained = false;
        qp.forgetError();
    }

    @Override
    public void land() {
        responder.land();
    }

    @Override
    public List<Wait> waitsFor(long nowNanos) {
        List<Wait> waits = new ArrayList<>();
        if (qp.canReceive()) {
            responder.waitsFor().ifPresent(waits::add);
        }
        long posted = qp.sendQueue().tail() - qp.sendQueue().head();
        if (qp.canSend()) {
            completer.waitsFor(nowNanos).ifPresent(waits::add);
            requester.waitsFor().ifPresent(waits::add);
        } else if (posted > 0 && qp.state() != QueuePairState.ERR) {
            waits.add(new Wait.StateChange(qp.state(), (int) posted));
        }
        return List.copyOf(waits);
    }

    @Override
    public long progressMark() {
        long heads = qp.sendQueue().head() * 31 + qp.receives().position();
        return (heads * 31 + requester.unackedPsn()) * 31 + responder.expectedPsn();
    }
}
