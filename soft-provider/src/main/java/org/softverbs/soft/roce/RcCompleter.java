package org.softverbs.soft.roce;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.packet.InboundPacket;
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
import org.softverbs.soft.wire.roce.RnrTimer;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// Takes what comes back for requests: acknowledgements, NAKs, READ responses, results of atomics;
/// completes requests in order, and keeps the retry counters and timers.
final class RcCompleter {

    /// `rnr_retry` of 7 tries for ever; `retry_cnt` of 7 means seven.
    static final int RNR_RETRY_FOR_EVER = 7;

    /// A timeout may take up to four times its value (InfiniBand 9.7.6.1.3): each in a row takes
    /// twice as long as the one before, up to that, and a peer that is held up for a second lives.
    private static final int MOST_DOUBLINGS = 2;

    /// How long requests may be on their way that nobody waits for, before the peer is asked
    /// whether they arrived.
    static final long PROBE_NANOS = 1_000_000;

    private static final long NOT_RUNNING = Long.MAX_VALUE;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final SendQueue queue;
    private final RcRequester requester;
    private final ResponseMemory memory;
    private final FailureFacts facts;
    private final AnswerHistory history;
    private final BthFlyweight bth = new BthFlyweight();
    private final AethFlyweight aeth = new AethFlyweight();
    private final AtomicAckEthFlyweight atomicAckEth = new AtomicAckEthFlyweight();

    private int retriesLeft;
    private int rnrRetriesLeft;
    private long ackDeadline = NOT_RUNNING;
    private long rnrDeadline = NOT_RUNNING;
    private long probeDeadline = NOT_RUNNING;
    private int timeoutsInARow;
    private boolean wentBack;
    private WorkCompletionStatus failure = WorkCompletionStatus.SUCCESS;
    private @Nullable Explanation failureExplanation;

    RcCompleter(QueuePairCore qp, EngineOutput output, RcRequester requester) {
        this.qp = qp;
        this.output = output;
        this.queue = qp.sendQueue();
        this.requester = requester;
        this.facts = new FailureFacts(qp);
        this.history = new AnswerHistory(qp, facts, output);
        this.memory = new ResponseMemory(qp);
    }

    void start() {
        reset();
        refillRetries();
        history.start();
    }

    void reset() {
        ackDeadline = NOT_RUNNING;
        rnrDeadline = NOT_RUNNING;
        probeDeadline = NOT_RUNNING;
        wentBack = false;
        timeoutsInARow = 0;
        failure = WorkCompletionStatus.SUCCESS;
        failureExplanation = null;
    }

    /// How the oldest request failed, or `SUCCESS` while all is well. A failure is the end of the
    /// connection.
    WorkCompletionStatus failure() {
        return failure;
    }

    long nextDeadline() {
        return Math.min(probeDeadline, Math.min(ackDeadline, rnrDeadline));
    }

    /// Packets were sent: an acknowledgement is now waited for, or will be asked for.
    void onTransmitted(long nowNanos) {
        probeDeadline = requester.isTailUnasked() ? nowNanos + PROBE_NANOS : NOT_RUNNING;
        if (ackDeadline == NOT_RUNNING && requester.isExpectingResponse()) {
            history.waiting(nowNanos);
            restartAckTimer(nowNanos);
        }
    }

    void onTimer(long nowNanos) {
        if (nowNanos >= rnrDeadline) {
            rnrDeadline = NOT_RUNNING;
            requester.waiting(false);
            requester.goBack();
        }
        if (nowNanos >= probeDeadline) {
            requester.probe(); // its memory may be gone, and then nothing is sent
            probeDeadline = requester.isTailUnasked() ? nowNanos + PROBE_NANOS : NOT_RUNNING;
        }
        if (nowNanos >= ackDeadline) {
            ackDeadline = NOT_RUNNING;
            output.counters().add(TransportCounter.TIMEOUTS);
            wentBack = false;
            timeoutsInARow++;
            requester.window().onTimeout();
            retry(nowNanos, RetryReason.TIMEOUT);
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
            case SEND, WRITE, READ_REQUEST, COMPARE_SWAP, FETCH_ADD ->
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
            output.counters().add(TransportCounter.RECEIVED_SEQUENCE_NAKS);
            if (!wentBack) {
                requester.window().onLoss();
            }
            retry(nowNanos, RetryReason.SEQUENCE_NAK);
            return;
        }
        output.counters().add(TransportCounter.RECEIVED_FATAL_NAKS);
        NakCode code = NakCode.of(syndrome);
        fail(FailureFacts.statusOf(code), new Cause.PeerRefused(facts.peer(), psn, code));
    }

    private void onRnrNak(int timerCode, int psn, long nowNanos) {
        FlightEvents.rnrNak(qp.number(), false, psn, RnrTimer.nanos(timerCode));
        output.counters().add(TransportCounter.RECEIVED_RNR_NAKS);
        if (rnrDeadline != NOT_RUNNING) {
            return;
        }
        if (qp.connection().rnrRetry() != RNR_RETRY_FOR_EVER) {
            if (rnrRetriesLeft == 0) {
                output.counters().add(TransportCounter.RETRIES_EXCEEDED);
                fail(
                        WorkCompletionStatus.RNR_RETRY_EXC_ERR,
                        new Cause.ReceiverNotReady(
                                facts.peer(),
                                psn,
                                qp.connection().rnrRetry(),
                                RnrTimer.nanos(timerCode)));
                return;
            }
            rnrRetriesLeft--;
        }
        history.notReady();
        rnrDeadline = nowNanos + RnrTimer.nanos(timerCode);
        ackDeadline = NOT_RUNNING;
        requester.waiting(true);
    }

    private void onReadResponse(InboundPacket packet, RoceOpcode opcode, int psn, long nowNanos) {
        if (!isForHead(psn, nowNanos)) {
            return;
        }
        SendWqe wqe = queue.slot(queue.head());
        int index = PacketSequenceNumber.distance(wqe.firstPsn(), psn);
        if (wqe.operation() != SendOperation.RDMA_READ || !saysAck(packet, opcode)) {
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
        progress(nowNanos);
        if (index + 1 == wqe.packets()) {
            complete(wqe, WorkCompletionStatus.SUCCESS);
        } else {
            requester.acknowledged(PacketSequenceNumber.next(psn));
        }
        restartOrStopAckTimer(nowNanos);
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
        progress(nowNanos);
        complete(wqe, WorkCompletionStatus.SUCCESS);
        restartOrStopAckTimer(nowNanos);
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
            if (wqe.operation().isReadOrAtomic()) {
                return false;
            }
            progress(nowNanos);
            // Counted from what is on its way: from the first packet of a message of 2^31 bytes it
            // may be further than numbers can be compared.
            int last = PacketSequenceNumber.add(wqe.firstPsn(), wqe.packets() - 1);
            if (PacketSequenceNumber.distance(unacked, psn)
                    < PacketSequenceNumber.distance(unacked, last)) {
                requester.acknowledged(PacketSequenceNumber.next(psn));
                break;
            }
            complete(wqe, WorkCompletionStatus.SUCCESS);
        }
        restartOrStopAckTimer(nowNanos);
        return true;
    }

    private void complete(SendWqe wqe, WorkCompletionStatus status) {
        completeOldest(wqe, status);
        completeLocalOperations();
    }

    /// Completes the local operations that were carried out and have nothing before them.
    void completeLocalOperations() {
        while (queue.head() != queue.tail() && queue.slot(queue.head()).isExecuted()) {
            completeOldest(queue.slot(queue.head()), WorkCompletionStatus.SUCCESS);
        }
    }

    private void completeOldest(SendWqe wqe, WorkCompletionStatus status) {
        boolean wanted =
                wqe.isSignaled() || qp.isSignalAll() || status != WorkCompletionStatus.SUCCESS;
        if (wanted) {
            output.completion()
                    .begin(qp.number(), wqe.id(), status, wqe.operation().completionOpcode())
                    .byteLength(wqe.length())
                    .position(queue.head());
        }
        // Whoever takes the completion must find the slot free.
        requester.complete(wqe);
        if (wanted) {
            output.completeSend();
        }
    }

    /// Completes everything posted with WR_FLUSH_ERR, the oldest with the failure if there is one.
    void flush() {
        while (queue.head() != queue.tail()) {
            SendWqe wqe = queue.slot(queue.head());
            WorkCompletionStatus status = WorkCompletionStatus.WR_FLUSH_ERR;
            Explanation why = qp.firstError();
            if (failure != WorkCompletionStatus.SUCCESS) {
                status = failure;
                why = failureExplanation;
                failure = WorkCompletionStatus.SUCCESS;
            }
            output.completion()
                    .begin(qp.number(), wqe.id(), status, wqe.operation().completionOpcode())
                    .position(queue.head())
                    .failure(why);
            queue.advanceHead();
            output.completeSend();
        }
        requester.reset();
    }

    private void progress(long nowNanos) {
        history.progressed(nowNanos);
        wentBack = false;
        timeoutsInARow = 0;
        refillRetries();
        if (rnrDeadline != NOT_RUNNING) {
            rnrDeadline = NOT_RUNNING;
            requester.waiting(false);
        }
        restartOrStopAckTimer(nowNanos);
    }

    private void refillRetries() {
        retriesLeft = qp.connection().retryCount();
        rnrRetriesLeft = qp.connection().rnrRetry();
    }

    /// A later response shows that an earlier one is lost (implied NAK).
    private void goBackForLostResponse(long nowNanos) {
        if (wentBack) {
            return;
        }
        output.counters().add(TransportCounter.IMPLIED_NAKS);
        requester.window().onLoss();
        retry(nowNanos, RetryReason.LOST_RESPONSE);
    }

    /// Goes back once for a loss; what was on its way before shows the same loss again. An RNR wait
    /// ends with going back anyway, and no timeout runs during it.
    private void retry(long nowNanos, RetryReason reason) {
        if (wentBack || rnrDeadline != NOT_RUNNING) {
            return;
        }
        if (retriesLeft == 0) {
            output.counters().add(TransportCounter.RETRIES_EXCEEDED);
            fail(WorkCompletionStatus.RETRY_EXC_ERR, retriesExceeded(reason));
            return;
        }
        retriesLeft--;
        FlightEvents.retransmitted(qp.number(), requester.unackedPsn(), reason, retriesLeft);
        wentBack = true;
        requester.goBack();
        restartAckTimer(nowNanos);
    }

    /// Ends the connection with the oldest request.
    void fail(WorkCompletionStatus status, Cause because) {
        if (failure == WorkCompletionStatus.SUCCESS) {
            failure = status;
            failureExplanation = facts.sendFailed(queue.slot(queue.head()), status, because);
        }
    }

    private void failBadResponse(int psn, String detail) {
        fail(WorkCompletionStatus.BAD_RESP_ERR, new Cause.BadResponse(facts.peer(), psn, detail));
    }

    private void failToPlace() {
        fail(WorkCompletionStatus.LOC_PROT_ERR, memory.refusal());
    }

    private Cause retriesExceeded(RetryReason reason) {
        return history.retriesExceeded(requester.unackedPsn(), reason);
    }

    /// What of the peer is waited for.
    Optional<Wait> waitsFor(long nowNanos) {
        int psn = requester.unackedPsn();
        if (history.isNotReady()) {
            int allowed = qp.connection().rnrRetry();
            // The one that the timer runs for is not done yet.
            int done = allowed - rnrRetriesLeft - (rnrDeadline == NOT_RUNNING ? 0 : 1);
            return Optional.of(
                    new Wait.ReceiverNotReady(
                            facts.peer(),
                            psn,
                            rnrDeadline == NOT_RUNNING ? 0 : Math.max(0, rnrDeadline - nowNanos),
                            Math.max(0, done),
                            allowed));
        }
        return psn == requester.nextPsn()
                ? Optional.empty()
                : Optional.of(history.acknowledgement(psn, nowNanos, retriesLeft));
    }

    private void restartOrStopAckTimer(long nowNanos) {
        if (requester.isExpectingResponse()) {
            restartAckTimer(nowNanos);
        } else {
            ackDeadline = NOT_RUNNING;
        }
        if (!requester.isTailUnasked()) {
            probeDeadline = NOT_RUNNING;
        }
    }

    private void restartAckTimer(long nowNanos) {
        long timeout = qp.connection().timeoutNanos();
        int doublings = Math.min(MOST_DOUBLINGS, timeoutsInARow);
        ackDeadline = timeout == Long.MAX_VALUE ? NOT_RUNNING : nowNanos + (timeout << doublings);
    }
}
