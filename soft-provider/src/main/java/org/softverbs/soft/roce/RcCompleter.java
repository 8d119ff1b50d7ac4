package org.softverbs.soft.roce;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// Takes what comes back for requests: acknowledgements, NAKs, READ responses, results of atomics;
/// completes requests in order, and says how the connection fails.
final class RcCompleter {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final SendQueue queue;
    private final RcRequester requester;
    private final ResponseMemory memory;
    private final FailureFacts facts;
    private final AnswerHistory history;
    private final RetryControl retries;
    private final SendCompletions completions;
    private final boolean refusalsTimeOut;
    private final BthFlyweight bth = new BthFlyweight();
    private final AethFlyweight aeth = new AethFlyweight();
    private final AtomicAckEthFlyweight atomicAckEth = new AtomicAckEthFlyweight();

    private WorkCompletionStatus failure = WorkCompletionStatus.SUCCESS;
    private @Nullable Explanation failureExplanation;

    RcCompleter(QueuePairCore qp, EngineOutput output, RcRequester requester) {
        this.qp = qp;
        this.output = output;
        this.queue = qp.sendQueue();
        this.requester = requester;
        this.facts = new FailureFacts(qp);
        this.history = new AnswerHistory(qp, facts, output);
        this.retries = new RetryControl(qp, output, requester, facts, history);
        this.completions = new SendCompletions(qp, output);
        this.memory = new ResponseMemory(qp);
        this.refusalsTimeOut = qp.profile().has(Deviation.REFUSALS_TIME_OUT);
    }

    void start() {
        reset();
        retries.start();
    }

    void reset() {
        retries.reset();
        failure = WorkCompletionStatus.SUCCESS;
        failureExplanation = null;
    }

    /// How the oldest request failed, or `SUCCESS` while all is well. A failure is the end of the
    /// connection.
    WorkCompletionStatus failure() {
        return failure;
    }

    long nextDeadline() {
        return retries.nextDeadline();
    }

    /// Packets were sent.
    void onTransmitted(long nowNanos) {
        retries.onTransmitted(nowNanos);
    }

    void onTimer(long nowNanos) {
        failRetries(retries.onTimer(nowNanos));
    }

    private void failRetries(@Nullable Cause exceeded) {
        if (exceeded != null) {
            fail(WorkCompletionStatus.RETRY_EXC_ERR, exceeded);
        }
    }

    void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos) {
        bth.wrap(packet.segment(), packet.offset());
        int psn = bth.psn();
        if (!isOnItsWay(psn)) {
            if (PacketSequenceNumber.isAfter(psn, requester.unackedPsn())) {
                output.counters().add(TransportCounter.DROPPED_BAD_ACKNOWLEDGEMENT);
            }
            history.answeredStrangely(psn);
            return;
        }
        history.answered();
        switch (opcode.operation()) {
            case ACKNOWLEDGE -> onAcknowledge(packet, opcode, psn, nowNanos);
            case READ_RESPONSE -> onReadResponse(packet, opcode, psn, nowNanos);
            case ATOMIC_ACKNOWLEDGE -> onAtomicAcknowledge(packet, opcode, psn, nowNanos);
            case SEND, WRITE, READ_REQUEST, COMPARE_SWAP, FETCH_ADD, FLUSH, ATOMIC_WRITE ->
                    output.counters().add(TransportCounter.DROPPED_WRONG_SERVICE);
        }
    }

    /// A PSN that was never sent, or is acknowledged already, says nothing.
    private boolean isOnItsWay(int psn) {
        return !PacketSequenceNumber.isBefore(psn, requester.unackedPsn())
                && PacketSequenceNumber.isBefore(psn, requester.highestPsn());
    }

    private void onAcknowledge(InboundPacket packet, RoceOpcode opcode, int psn, long nowNanos) {
        int syndrome = syndromeOf(packet, opcode);
        if (AckSyndrome.isAck(syndrome)) {
            if (!acknowledgeThrough(psn, nowNanos)) {
                goBackForLostResponse(nowNanos);
            }
            return;
        }
        if (AckSyndrome.isReserved(syndrome)) {
            output.counters().add(TransportCounter.DROPPED_BAD_ACKNOWLEDGEMENT);
            return;
        }
        // A NAK acknowledges everything before its PSN.
        int before = PacketSequenceNumber.previous(psn);
        if (isOnItsWay(before) && !acknowledgeThrough(before, nowNanos)) {
            goBackForLostResponse(nowNanos);
            return;
        }
        if (AckSyndrome.isRnrNak(syndrome)) {
            onRnrNak(AckSyndrome.rnrTimer(syndrome), psn, nowNanos);
        } else {
            onNak(syndrome, psn, nowNanos);
        }
    }

    private void onNak(int syndrome, int psn, long nowNanos) {
        FlightEvents.nak(qp.number(), false, psn, syndrome);
        if (syndrome == AckSyndrome.NAK_PSN_SEQUENCE_ERROR) {
            failRetries(retries.onSequenceNak(nowNanos));
            return;
        }
        output.counters().add(TransportCounter.RECEIVED_FATAL_NAKS);
        NakCode code = NakCode.of(syndrome);
        fail(FailureFacts.statusOf(code), new Cause.PeerRefused(facts.peer(), psn, code));
    }

    private void onRnrNak(int timerCode, int psn, long nowNanos) {
        Cause exceeded = retries.onRnrNak(timerCode, psn, nowNanos);
        if (exceeded != null) {
            fail(WorkCompletionStatus.RNR_RETRY_EXC_ERR, exceeded);
        }
    }

    private void onReadResponse(InboundPacket packet, RoceOpcode opcode, int psn, long nowNanos) {
        if (!isForHead(psn, nowNanos)) {
            return;
        }
        SendWqe wqe = queue.slot(queue.head());
        int index = PacketSequenceNumber.distance(wqe.firstPsn(), psn);
        boolean due =
                wqe.operation() == SendOperation.RDMA_READ
                        || (wqe.operation().isPlacement() && opcode.isOnly());
        if (!due || !saysAck(packet, opcode)) {
            failBadResponse(psn, "a READ response to " + wqe.operation());
            return;
        }
        if (index > wqe.packetsReceived()) {
            goBackForLostResponse(nowNanos);
            return;
        }
        int mtu = qp.connection().mtu();
        long offset = (long) index * mtu;
        long expected = Math.min(mtu, wqe.length() - offset);
        boolean end = index + 1 == wqe.askedEnd();
        if (packet.payload().total() != expected || opcode.endsMessage() != end) {
            failBadResponse(
                    psn,
                    "%s with %d bytes, %d are due"
                            .formatted(opcode, packet.payload().total(), expected));
            return;
        }
        if (!memory.place(wqe, offset, expected, packet.payload())) {
            failToPlace();
            return;
        }
        wqe.packetsReceived(index + 1);
        retries.progress(nowNanos);
        if (index + 1 == wqe.packets()) {
            complete(wqe);
        } else {
            requester.acknowledged(PacketSequenceNumber.next(psn));
        }
        retries.restartOrStopAckTimer(nowNanos);
    }

    private void onAtomicAcknowledge(
            InboundPacket packet, RoceOpcode opcode, int psn, long nowNanos) {
        if (!isForHead(psn, nowNanos)) {
            return;
        }
        SendWqe wqe = queue.slot(queue.head());
        if (!wqe.operation().isAtomic() || !saysAck(packet, opcode)) {
            failBadResponse(psn, "an atomic response to " + wqe.operation());
            return;
        }
        atomicAckEth.wrap(
                packet.segment(),
                packet.offset() + opcode.offsetOf(ExtensionHeader.ATOMIC_ACK_ETH));
        if (!memory.placeOriginal(wqe, atomicAckEth.originalValue())) {
            failToPlace();
            return;
        }
        retries.progress(nowNanos);
        complete(wqe);
        retries.restartOrStopAckTimer(nowNanos);
    }

    /// Whether the AETH of a response, if it has one, is that of a response.
    private boolean saysAck(InboundPacket packet, RoceOpcode opcode) {
        return !opcode.has(ExtensionHeader.AETH) || AckSyndrome.isAck(syndromeOf(packet, opcode));
    }

    private int syndromeOf(InboundPacket packet, RoceOpcode opcode) {
        return aeth.wrap(packet.segment(), packet.offset() + opcode.offsetOf(ExtensionHeader.AETH))
                .syndrome();
    }

    /// A response acknowledges all requests before its own, which must then be the oldest.
    private boolean isForHead(int psn, long nowNanos) {
        int before = PacketSequenceNumber.previous(psn);
        SendWqe oldest = queue.slot(queue.head());
        boolean startsLater =
                !PacketSequenceNumber.isWithin(psn, oldest.firstPsn(), oldest.packets());
        if (startsLater && !acknowledgeThrough(before, nowNanos)) {
            goBackForLostResponse(nowNanos);
            return false;
        }
        SendWqe wqe = queue.slot(queue.head());
        return PacketSequenceNumber.isWithin(psn, wqe.firstPsn(), wqe.packets());
    }

    /// Completes what `psn` and everything before it acknowledges.
    ///
    /// @return false when a READ or atomic among it got no response: the response is lost
    private boolean acknowledgeThrough(int psn, long nowNanos) {
        while (true) {
            long head = queue.head();
            if (head == queue.tail()) {
                break;
            }
            SendWqe wqe = queue.slot(head);
            int unacked = requester.unackedPsn();
            if (!wqe.isStarted() || PacketSequenceNumber.isBefore(psn, unacked)) {
                break;
            }
            if (wqe.operation().hasResponse()) {
                return false;
            }
            retries.progress(nowNanos);
            // Counted from what is on its way: from the first packet of a message of 2^31 bytes it
            // may be further than numbers can be compared.
            int last = PacketSequenceNumber.add(wqe.firstPsn(), wqe.packets() - 1);
            if (PacketSequenceNumber.distance(unacked, psn)
                    < PacketSequenceNumber.distance(unacked, last)) {
                requester.acknowledged(PacketSequenceNumber.next(psn));
                break;
            }
            complete(wqe);
        }
        retries.restartOrStopAckTimer(nowNanos);
        return true;
    }

    private void complete(SendWqe wqe) {
        completeOldest(wqe);
        completeLocalOperations();
    }

    /// Completes the local operations that were carried out and have nothing before them.
    void completeLocalOperations() {
        while (queue.head() != queue.tail() && queue.slot(queue.head()).isExecuted()) {
            completeOldest(queue.slot(queue.head()));
        }
    }

    private void completeOldest(SendWqe wqe) {
        boolean wanted = completions.begin(wqe);
        // Whoever takes the completion must find the slot free.
        requester.complete(wqe);
        if (wanted) {
            output.completeSend();
        }
    }

    /// Completes everything posted with WR_FLUSH_ERR, the oldest with the failure if there is one.
    void flush() {
        completions.flush(failure, failureExplanation);
        failure = WorkCompletionStatus.SUCCESS;
        requester.reset();
    }

    private void goBackForLostResponse(long nowNanos) {
        failRetries(retries.onLostResponse(nowNanos));
    }

    /// Whether a refusal looks like a peer that is gone.
    private boolean looksLost(WorkCompletionStatus status) {
        return refusalsTimeOut
                && (status == WorkCompletionStatus.REM_ACCESS_ERR
                        || status == WorkCompletionStatus.RNR_RETRY_EXC_ERR);
    }

    /// Ends the connection with the oldest request.
    void fail(WorkCompletionStatus status, Cause because) {
        if (failure == WorkCompletionStatus.SUCCESS) {
            failure = looksLost(status) ? WorkCompletionStatus.RETRY_EXC_ERR : status;
            failureExplanation = facts.sendFailed(queue.slot(queue.head()), failure, because);
        }
    }

    private void failBadResponse(int psn, String detail) {
        fail(WorkCompletionStatus.BAD_RESP_ERR, new Cause.BadResponse(facts.peer(), psn, detail));
    }

    private void failToPlace() {
        fail(WorkCompletionStatus.LOC_PROT_ERR, memory.refusal());
    }

    /// What of the peer is waited for.
    Optional<Wait> waitsFor(long nowNanos) {
        return retries.waitsFor(nowNanos);
    }
}
