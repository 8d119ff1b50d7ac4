package org.softverbs.soft.roce;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.LocalMemory;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// Sends the requests of a send queue: segments messages, numbers packets, keeps the window, and
/// goes back when told to (go-back-N).
///
/// Positions: `head` of the queue is the oldest request that is not completed, `cursor` the one
/// being sent, `packetIndex` the next packet of it. Packets from `unackedPsn` to before `nextPsn`
/// are on their way.
final class RcRequester {

    /// Packets that one READ request asks for: far below half the sequence space.
    static final int READ_REQUEST_PACKETS = 1 << 21;

    /// Requests in a row that nobody waits for, after which an acknowledgement is asked for all the
    /// same, so that their slots come free.
    static final int UNASKED_REQUESTS = 16;

    private static final long NOWHERE = -1;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final SendQueue queue;
    private final LocalMemory localMemory;
    private final LocalOperations localOperations;
    private final RequestHeaders headers;
    private final RequestChecks checks;
    private final CongestionWindow window = new CongestionWindow();

    private long cursor;
    private int packetIndex;
    private int nextPsn;
    private int unackedPsn;
    private int highestPsn;
    private int outstandingReads;
    private int sinceAckRequest;
    private int unaskedRequests;
    private int askedPsn;
    private boolean waiting;
    private long failedPosition = NOWHERE;
    private WorkCompletionStatus failure = WorkCompletionStatus.SUCCESS;
    private @Nullable Cause failureCause;

    RcRequester(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.queue = qp.sendQueue();
        this.localMemory = new LocalMemory(qp.memory(), qp.accessor());
        this.localOperations = new LocalOperations(qp, output);
        this.headers = new RequestHeaders(RcEngine.serviceOf(qp));
        this.checks = new RequestChecks(qp, localMemory);
    }

    void start() {
        reset();
        nextPsn = qp.connection().sendPsn();
        unackedPsn = nextPsn;
        highestPsn = nextPsn;
        askedPsn = nextPsn;
    }

    void reset() {
        cursor = queue.head();
        packetIndex = 0;
        outstandingReads = 0;
        sinceAckRequest = 0;
        unaskedRequests = 0;
        waiting = false;
        failedPosition = NOWHERE;
        window.reset();
    }

    /// How much may be on its way.
    CongestionWindow window() {
        return window;
    }

    /// PSN of the oldest packet on its way, or of the next one when none is.
    int unackedPsn() {
        return unackedPsn;
    }

    /// PSN of the packet that is sent next.
    int nextPsn() {
        return nextPsn;
    }

    /// PSN behind the newest one ever sent.
    int highestPsn() {
        return highestPsn;
    }

    /// Whether packets are on their way that the peer was asked to acknowledge.
    boolean isExpectingResponse() {
        return unackedPsn != nextPsn && PacketSequenceNumber.isAfter(askedPsn, unackedPsn);
    }

    /// Whether the newest packets on their way leave it to the peer when to acknowledge them.
    boolean isTailUnasked() {
        return unackedPsn != nextPsn && askedPsn != nextPsn;
    }

    /// Sends the newest packet again, when nothing else is to be sent: what is sent again asks for
    /// an acknowledgement, and shows the peer a gap where packets before it were lost. Behind a
    /// request that failed here in its midst, or when sent again, everything is sent again.
    ///
    /// When there is something else to be sent, nothing is done: it must be tried again later.
    void probe() {
        if (!isTailUnasked()) {
            return;
        }
        if (cursor == failedPosition && (packetIndex > 0 || nextPsn != highestPsn)) {
            goBack();
            return;
        }
        if (nextPsn != highestPsn || packetIndex > 0 || waiting || canTransmit()) {
            return;
        }
        do {
            cursor--;
        } while (queue.slot(cursor).operation().isLocal());
        packetIndex = queue.slot(cursor).packets() - 1;
        nextPsn = PacketSequenceNumber.previous(nextPsn);
    }

    /// Stops sending while the peer is not ready to receive.
    void waiting(boolean value) {
        waiting = value;
    }

    /// Whether every request that was started is completed.
    boolean isDrained() {
        return queue.head() == cursor
                && !(cursor != queue.tail() && queue.slot(cursor).isStarted());
    }

    /// Whether the oldest request failed here, before it was sent whole.
    boolean hasFailedAtHead() {
        return failedPosition == queue.head() && failedPosition != NOWHERE;
    }

    /// How the request of [#hasFailedAtHead()] failed.
    WorkCompletionStatus failure() {
        return failure;
    }

    /// Why the request of [#hasFailedAtHead()] failed.
    Cause failureCause() {
        return Objects.requireNonNull(failureCause);
    }

    /// Sends while there is work, window, budget and room.
    ///
    /// @return packets sent, and local operations carried out
    int transmit(int budget) {
        int sent = 0;
        while (sent < budget && output.hasRoom() && hasNext()) {
            SendWqe wqe = queue.slot(cursor);
            if (!mayGoOn(wqe)) {
                break;
            }
            if (!(wqe.operation().isLocal() ? executeNext(wqe) : sendNext(wqe))) {
                break;
            }
            sent++;
        }
        return sent;
    }

    /// Carries out a local operation, once: after going back it is passed over.
    private boolean executeNext(SendWqe wqe) {
        if (!wqe.isExecuted()) {
            WorkCompletionStatus status = localOperations.execute(wqe);
            if (status != WorkCompletionStatus.SUCCESS) {
                failAtCursor(status, localOperations.refusal());
                return false;
            }
            wqe.executed();
        }
        advance();
        return true;
    }

    /// What the next request waits for, apart from the peer's answers.
    Optional<Wait> waitsFor() {
        if (waiting || cursor == queue.tail() || cursor == failedPosition) {
            return Optional.empty();
        }
        SendWqe wqe = queue.slot(cursor);
        if (mayGoOn(wqe)) {
            return output.hasRoom() ? Optional.empty() : Optional.of(new Wait.LinkRoom());
        }
        if (!wqe.isStarted() && qp.state() == QueuePairState.SQD) {
            return Optional.of(
                    new Wait.StateChange(qp.state(), (int) (queue.tail() - queue.head())));
        }
        boolean behindOthers =
                wqe.operation() == SendOperation.LOCAL_INVALIDATE
                        || (wqe.isFenced() && outstandingReads > 0);
        return Optional.of(
                behindOthers
                        ? new Wait.EarlierRequests(wqe.id())
                        : new Wait.ReadCredit(
                                wqe.id(), outstandingReads, qp.connection().maxReadAtomic()));
    }

    /// Whether a packet could be sent now, given room.
    boolean canTransmit() {
        return hasNext() && mayGoOn(queue.slot(cursor));
    }

    private boolean hasNext() {
        return !waiting
                && cursor != queue.tail()
                && cursor != failedPosition
                && window.isOpen(PacketSequenceNumber.distance(unackedPsn, nextPsn));
    }

    private boolean mayGoOn(SendWqe wqe) {
        if (wqe.isExecuted()) {
            return true;
        }
        if (packetIndex > 0 && wqe.isStarted() && !wqe.operation().hasResponse()) {
            return true;
        }
        if (!wqe.isStarted() && qp.state() == QueuePairState.SQD) {
            return false;
        }
        if (wqe.isFenced() && outstandingReads > 0 && !wqe.isOutstanding()) {
            return false;
        }
        if (wqe.operation() == SendOperation.LOCAL_INVALIDATE) {
            // What is sent again must find its memory (local invalidate fence, 10.6.5.1).
            return cursor == queue.head();
        }
        if (!wqe.operation().hasResponse()) {
            return true;
        }
        // The next part of a long READ waits for the one before it.
        return wqe.isOutstanding()
                ? wqe.packetsReceived() == packetIndex
                : outstandingReads < qp.connection().maxReadAtomic();
    }

    private int packetsOf(SendWqe wqe) {
        if (wqe.operation().isAtomic() || wqe.operation().isPlacement()) {
            return 1;
        }
        int mtu = qp.connection().mtu();
        return (int) Math.max(1, (wqe.length() + mtu - 1) / mtu);
    }

    private boolean sendNext(SendWqe wqe) {
        if (!wqe.isStarted()) {
            wqe.start(nextPsn, packetsOf(wqe));
        }
        return switch (wqe.operation()) {
            case RDMA_READ -> sendReadRequest(wqe);
            case COMPARE_AND_SWAP, FETCH_AND_ADD -> sendAtomic(wqe);
            case ATOMIC_WRITE, FLUSH -> sendPlacement(wqe);
            case SEND,
                    SEND_WITH_IMMEDIATE,
                    SEND_WITH_INVALIDATE,
                    RDMA_WRITE,
                    RDMA_WRITE_WITH_IMMEDIATE ->
                    sendData(wqe);
            case BIND_MEMORY_WINDOW, LOCAL_INVALIDATE, REGISTER_MEMORY -> executeNext(wqe);
        };
    }

    private boolean sendData(SendWqe wqe) {
        int mtu = qp.connection().mtu();
        long offset = (long) packetIndex * mtu;
        long length = Math.min(mtu, wqe.length() - offset);
        boolean last = packetIndex == wqe.packets() - 1;
        OutboundPacket packet = output.packet();
        headers.data(packet, qp.connection(), wqe, packetIndex, nextPsn);
        if (!gather(wqe, offset, length, packet)) {
            return false;
        }
        boolean askForAck = asksForAck(wqe, last);
        headers.finish(packet, askForAck, last && wqe.solicits());
        send(1);
        if (askForAck) {
            asked();
        }
        packetIndex++;
        if (last) {
            advance();
        }
        return true;
    }

    private boolean asksForAck(SendWqe wqe, boolean last) {
        sinceAckRequest++;
        if (last) {
            unaskedRequests++;
        }
        return (last && isAwaited(wqe))
                || sinceAckRequest >= window.ackRequestInterval()
                || isWindowClosing();
    }

    /// Whether somebody waits for the end of a request: its completion is wanted, it is sent again,
    /// a local operation comes behind it, or slots are to come free.
    private boolean isAwaited(SendWqe wqe) {
        return wqe.isSignaled()
                || qp.isSignalAll()
                || nextPsn != highestPsn
                || unaskedRequests >= UNASKED_REQUESTS
                || isBeforeLocalOperation()
                || cursor - queue.head() >= queue.capacity() / 2;
    }

    private boolean isBeforeLocalOperation() {
        long next = cursor + 1;
        return next != queue.tail() && queue.slot(next).operation().isLocal();
    }

    /// The newest packet asks for an acknowledgement.
    private void asked() {
        sinceAckRequest = 0;
        unaskedRequests = 0;
        askedPsn = nextPsn;
    }

    private boolean gather(SendWqe wqe, long offset, long length, OutboundPacket packet) {
        AccessResult result = localMemory.gather(wqe, offset, length, packet.payload());
        if (result != AccessResult.GRANTED) {
            failAtCursor(
                    WorkCompletionStatus.LOC_PROT_ERR,
                    localMemory.refused(result, AccessRight.LOCAL_READ));
            return false;
        }
        return true;
    }

    private boolean isWindowClosing() {
        return PacketSequenceNumber.distance(unackedPsn, nextPsn) >= window.size() - 1;
    }

    /// Asks for a READ, or for the next part of it: after a loss, parts of the window's size, so
    /// that another loss does not cost the whole answer again.
    private boolean sendReadRequest(SendWqe wqe) {
        if (checks.refuseRead(wqe)) {
            failAtCursor(checks.status(), checks.cause());
            return false;
        }
        int mtu = qp.connection().mtu();
        if (packetIndex >= wqe.askedEnd()) {
            int most = window.isReduced() ? window.size() : READ_REQUEST_PACKETS;
            wqe.askedEnd((int) Math.min(wqe.packets(), (long) packetIndex + most));
        }
        int end = wqe.askedEnd();
        long offset = (long) packetIndex * mtu;
        long length = Math.min((long) end * mtu, wqe.length()) - offset;
        OutboundPacket packet = output.packet();
        headers.read(packet, qp.connection(), wqe, offset, length, nextPsn);
        headers.finish(packet, true, false);
        markOutstanding(wqe);
        send(end - packetIndex);
        asked();
        packetIndex = end;
        if (end == wqe.packets()) {
            advance();
        }
        return true;
    }

    private boolean sendAtomic(SendWqe wqe) {
        if (checks.refuseAtomic(wqe)) {
            failAtCursor(checks.status(), checks.cause());
            return false;
        }
        OutboundPacket packet = output.packet();
        headers.atomic(packet, qp.connection(), wqe, nextPsn);
        sendAlone(packet, wqe);
        return true;
    }

    private boolean sendPlacement(SendWqe wqe) {
        OutboundPacket packet = output.packet();
        if (wqe.operation() == SendOperation.FLUSH) {
            headers.flush(packet, qp.connection(), wqe, nextPsn);
        } else {
            headers.atomicWrite(packet, qp.connection(), wqe, nextPsn);
        }
        wqe.askedEnd(1);
        sendAlone(packet, wqe);
        return true;
    }

    /// Sends a request of one packet that has a response.
    private void sendAlone(OutboundPacket packet, SendWqe wqe) {
        headers.finish(packet, true, false);
        markOutstanding(wqe);
        send(1);
        asked();
        advance();
    }

    private void markOutstanding(SendWqe wqe) {
        if (!wqe.isOutstanding()) {
            wqe.outstanding(true);
            outstandingReads++;
        }
    }

    private void send(int sequenceNumbers) {
        if (nextPsn != highestPsn) {
            output.counters().add(TransportCounter.RETRANSMITTED_PACKETS);
        }
        output.send();
        nextPsn = PacketSequenceNumber.add(nextPsn, sequenceNumbers);
        if (PacketSequenceNumber.isAfter(nextPsn, highestPsn)) {
            highestPsn = nextPsn;
        }
    }

    private void advance() {
        cursor++;
        packetIndex = 0;
    }

    /// The request at the cursor cannot be carried out. It is reported when all before it are done.
    private void failAtCursor(WorkCompletionStatus status, Cause because) {
        failedPosition = cursor;
        failure = status;
        failureCause = because;
    }

    /// The oldest request is completed: its slot is given back.
    void complete(SendWqe wqe) {
        if (wqe.isOutstanding()) {
            wqe.outstanding(false);
            outstandingReads--;
        }
        if (!wqe.operation().isLocal()) {
            acknowledged(PacketSequenceNumber.add(wqe.firstPsn(), wqe.packets()));
        }
        boolean whileSending = cursor == queue.head();
        queue.advanceHead();
        if (whileSending) {
            // An older copy of its packets arrived while it was being sent again.
            catchUp();
        }
    }

    /// All packets before `psn` have arrived.
    void acknowledged(int psn) {
        window.onAcknowledged(PacketSequenceNumber.distance(unackedPsn, psn));
        unackedPsn = psn;
        if (PacketSequenceNumber.isAfter(psn, nextPsn)) {
            catchUp();
        }
    }

    /// Sends again from the oldest packet on its way.
    void goBack() {
        for (long at = queue.head(); at <= cursor && at != queue.tail(); at++) {
            queue.slot(at).outstanding(false);
        }
        outstandingReads = 0;
        sinceAckRequest = 0;
        unaskedRequests = 0;
        catchUp();
    }

    /// Puts the cursor on the packet with `unackedPsn`.
    private void catchUp() {
        cursor = queue.head();
        nextPsn = unackedPsn;
        packetIndex = 0;
        if (cursor != queue.tail() && queue.slot(cursor).isStarted()) {
            packetIndex = PacketSequenceNumber.distance(queue.slot(cursor).firstPsn(), unackedPsn);
        }
    }
}
