package org.softverbs.soft.roce;

import java.util.List;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.Wait;

/// A queue pair of an unreliable service: it has no timers and answers nothing. A request of its
/// own that fails stops the send queue (SQE) until its program moves it back to RTS; what comes in
/// is received meanwhile.
///
/// One thread at a time, the owner of the device, calls it; nothing here is locked.
public final class UnreliableEngine implements TransportEngine {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final UnreliableRequester requester;
    private final UnreliableReceiver receiver;
    private final boolean connected;
    private boolean established;
    private boolean notifyWhenDrained;

    private UnreliableEngine(
            QueuePairCore qp,
            EngineOutput output,
            UnreliableRequester requester,
            UnreliableReceiver receiver,
            boolean connected) {
        this.qp = qp;
        this.output = output;
        this.requester = requester;
        this.receiver = receiver;
        this.connected = connected;
    }

    /// An unreliable connection (UC).
    public static UnreliableEngine connection(QueuePairCore qp, EngineOutput output) {
        return new UnreliableEngine(
                qp, output, new UcRequester(qp, output), new UcResponder(qp, output), true);
    }

    /// Unreliable datagrams (UD).
    public static UnreliableEngine datagrams(QueuePairCore qp, EngineOutput output) {
        return new UnreliableEngine(
                qp, output, new UdRequester(qp, output), new UdResponder(qp, output), false);
    }

    @Override
    public void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos) {
        if (!qp.canReceive()) {
            output.counters().add(TransportCounter.DROPPED_NOT_READY);
            return;
        }
        if (connected && qp.state() == QueuePairState.RTR && !established) {
            established = true;
            output.raise(AsyncEventType.COMM_EST, "a packet arrived before RTS");
        }
        if (!receiver.onPacket(packet, opcode)) {
            qp.state(QueuePairState.ERR);
            onError();
        }
    }

    @Override
    public boolean transmit(long nowNanos, int budget) {
        switch (qp.state()) {
            case ERR -> onError();
            case SQE -> requester.flush();
            case RTS, SQD -> {
                requester.transmit(budget);
                settle();
            }
            case RESET, INIT, RTR -> {}
        }
        return qp.canSend() && requester.canTransmit();
    }

    private void settle() {
        if (requester.hasFailed()) {
            qp.state(QueuePairState.SQE);
            requester.flush();
        } else if (notifyWhenDrained && qp.state() == QueuePairState.SQD && requester.isDrained()) {
            notifyWhenDrained = false;
            output.raise(AsyncEventType.SQ_DRAINED, "everything started is completed");
        }
    }

    @Override
    public void transmitAcknowledge() {}

    @Override
    public int nextSendPsn() {
        return requester.nextPsn();
    }

    @Override
    public int nextReceivePsn() {
        return receiver.expectedPsn();
    }

    @Override
    public void onTimer(long nowNanos) {}

    @Override
    public long nextDeadline() {
        return NO_DEADLINE;
    }

    @Override
    public void onReadyToReceive() {
        established = false;
        receiver.start();
    }

    @Override
    public void onReadyToSend() {
        requester.start();
    }

    @Override
    public void onDrain(boolean notify) {
        notifyWhenDrained = notify;
        settle();
    }

    @Override
    public void onError() {
        requester.flush();
        receiver.flush();
        receiver.reset();
    }

    @Override
    public void onReset() {
        qp.sendQueue().clear();
        qp.receives().clear();
        requester.reset();
        receiver.reset();
        notifyWhenDrained = false;
        qp.forgetError();
    }

    @Override
    public List<Wait> waitsFor(long nowNanos) {
        int posted = (int) (qp.sendQueue().tail() - qp.sendQueue().head());
        if (posted == 0 || qp.state() == QueuePairState.ERR) {
            return List.of();
        }
        return List.of(
                requester.canTransmit() && qp.canSend()
                        ? new Wait.LinkRoom()
                        : new Wait.StateChange(qp.state(), posted));
    }

    @Override
    public long progressMark() {
        long heads = qp.sendQueue().head() * 31 + qp.receives().position();
        return (heads * 31 + requester.nextPsn()) * 31 + receiver.expectedPsn();
    }
}
