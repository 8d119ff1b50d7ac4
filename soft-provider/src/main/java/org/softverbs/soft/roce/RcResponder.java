package org.softverbs.soft.roce;

import static org.softverbs.soft.roce.RequestFields.MAX_MESSAGE;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.ReceiveSource;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RnrTimer;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.RequestFault;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Carries out the peer's requests in the order of their PSNs: a chain of small checks, then the
/// execution. What it answers goes through [RcResponses].
final class RcResponder {

    private static final int ATOMIC_ALIGNMENT = 8;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ReceiveSource receives;
    private final ReceiveCompletions completions;
    private final RcResponses responses;
    private final RequestFields fields = new RequestFields();
    private final ResponderMemory memory;
    private final XrcSelection xrc;
    private final FailureFacts facts;
    private final boolean endsSilently;

    private int expectedPsn;
    private @Nullable Operation message;
    private boolean sequenceNakSent;
    private long sendOffset;
    private long writeAddress;
    private int writeKey;
    private long writeRest;
    private long writeLength;
    private @Nullable Explanation refusal;
    private boolean receiveMissing;
    private long arrivalNanos;
    private RoceOpcode current = RoceOpcode.RC_SEND_ONLY;

    RcResponder(QueuePairCore qp, EngineOutput output, RcResponses responses) {
        this.qp = qp;
        this.output = output;
        this.receives = qp.receives();
        this.completions = new ReceiveCompletions(qp, output);
        this.responses = responses;
        this.memory = new ResponderMemory(qp);
        this.xrc = new XrcSelection(qp, output, memory);
        this.facts = new FailureFacts(qp);
        this.endsSilently = qp.profile().has(Deviation.FAILED_INVALIDATIONS_UNANSWERED);
    }

    void start() {
        reset();
        completions.start();
        expectedPsn = qp.connection().receivePsn();
    }

    void reset() {
        memory.land();
        message = null;
        sequenceNakSent = false;
        sendOffset = 0;
        receiveMissing = false;
    }

    /// The receive that the peer found missing, until it has one.
    Optional<Wait> waitsFor() {
        return receiveMissing && receives.isEmpty()
                ? Optional.of(new Wait.Receive(facts.peer(), expectedPsn))
                : Optional.empty();
    }

    /// PSN of the next request in order.
    int expectedPsn() {
        return expectedPsn;
    }

    void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos) {
        arrivalNanos = nowNanos;
        if (responses.isEnding()) {
            output.counters().add(TransportCounter.DROPPED_NOT_READY);
            return;
        }
        fields.read(packet, opcode);
        int ahead = PacketSequenceNumber.difference(fields.psn(), expectedPsn);
        if (ahead > 0) {
            onGap();
        } else if (ahead < 0) {
            onDuplicate(opcode);
        } else {
            sequenceNakSent = false;
            current = opcode;
            settle(process(packet, opcode), opcode);
        }
    }

    /// One NAK for a gap, then silence until the missing packet comes.
    private void onGap() {
        output.counters().add(TransportCounter.OUT_OF_SEQUENCE_REQUESTS);
        if (!sequenceNakSent) {
            sequenceNakSent = true;
            output.counters().add(TransportCounter.SENT_SEQUENCE_NAKS);
            FlightEvents.nak(qp.number(), true, expectedPsn, AckSyndrome.NAK_PSN_SEQUENCE_ERROR);
            responses.sequenceNak(expectedPsn);
        }
    }

    private void onDuplicate(RoceOpcode opcode) {
        output.counters().add(TransportCounter.DUPLICATE_REQUESTS);
        boolean known =
                switch (opcode.operation()) {
                    case READ_REQUEST -> responses.replayRead(fields, qp.connection().mtu());
                    case COMPARE_SWAP, FETCH_ADD, FLUSH, ATOMIC_WRITE ->
                            responses.replayExecuted(fields, opcode);
                    case SEND, WRITE -> {
                        responses.acknowledge(PacketSequenceNumber.previous(expectedPsn));
                        yield true;
                    }
                    case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> false;
                };
        if (!known) {
            output.counters().add(TransportCounter.DROPPED_BAD_DUPLICATE);
        }
    }

    private RequestDisposition process(InboundPacket packet, RoceOpcode opcode) {
        RequestDisposition disposition = checkOpcodeOrder(opcode);
        if (disposition == RequestDisposition.PROCEED
                && !xrc.select(fields.sharedReceiveQueue(), message != null)) {
            disposition =
                    refuse(
                            RequestDisposition.INVALID_REQUEST,
                            RequestFault.XRC_QUEUE,
                            fields.sharedReceiveQueue(),
                            0);
        }
        if (disposition == RequestDisposition.PROCEED) {
            disposition = checkOperationAllowed(opcode);
        }
        if (disposition == RequestDisposition.PROCEED) {
            disposition = checkReceiveReady(opcode);
        }
        if (disposition == RequestDisposition.PROCEED) {
            disposition = checkLength(packet, opcode);
        }
        if (disposition == RequestDisposition.PROCEED) {
            disposition = execute(packet, opcode);
        }
        return disposition;
    }

    private void settle(RequestDisposition disposition, RoceOpcode opcode) {
        switch (disposition) {
            case PROCEED -> accepted(opcode);
            case DROP -> {}
            case RECEIVER_NOT_READY -> {
                // What follows in the window is dropped without a NAK: the peer comes back anyway.
                sequenceNakSent = true;
                receiveMissing = true;
                int timer = qp.connection().minRnrTimer();
                output.counters().add(TransportCounter.SENT_RNR_NAKS);
                FlightEvents.rnrNak(qp.number(), true, expectedPsn, RnrTimer.nanos(timer));
                responses.rnrNak(expectedPsn, timer);
            }
            case UNANSWERED -> {
                responses.endUnanswered();
                Explanation why = Objects.requireNonNull(refusal);
                qp.failed(why);
                output.raise(disposition.event(), why.line());
            }
            case INVALID_REQUEST, REMOTE_ACCESS_ERROR, OPERATIONAL_ERROR -> {
                output.counters().add(TransportCounter.SENT_FATAL_NAKS);
                FlightEvents.nak(qp.number(), true, expectedPsn, disposition.syndrome());
                responses.fatalNak(expectedPsn, disposition.syndrome());
                Explanation why = Objects.requireNonNull(refusal);
                qp.failed(why);
                output.raise(disposition.event(), why.line());
            }
        }
    }

    private void accepted(RoceOpcode opcode) {
        int psn = expectedPsn;
        receiveMissing = false;
        boolean read = opcode.operation() == Operation.READ_REQUEST;
        int packets = read ? readPackets(fields.dmaLength()) : 1;
        expectedPsn = PacketSequenceNumber.add(expectedPsn, packets);
        message = opcode.endsMessage() ? null : opcode.operation();
        boolean answered =
                switch (opcode.operation()) {
                    case READ_REQUEST, COMPARE_SWAP, FETCH_ADD, FLUSH, ATOMIC_WRITE -> true;
                    case SEND, WRITE, READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> false;
                };
        if (fields.isAckRequested() && !answered) {
            responses.acknowledge(psn);
        }
    }

    private int readPackets(long length) {
        int mtu = qp.connection().mtu();
        return (int) Math.max(1, (length + mtu - 1) / mtu);
    }

    private RequestDisposition checkOpcodeOrder(RoceOpcode opcode) {
        boolean inOrder = opcode.startsMessage() ? message == null : message == opcode.operation();
        return inOrder
                ? RequestDisposition.PROCEED
                : refuse(
                        RequestDisposition.INVALID_REQUEST, RequestFault.OPCODE_OUT_OF_ORDER, 0, 0);
    }

    private RequestDisposition checkOperationAllowed(RoceOpcode opcode) {
        return memory.isAllowed(opcode.operation(), fields)
                ? RequestDisposition.PROCEED
                : refuse(
                        RequestDisposition.INVALID_REQUEST,
                        RequestFault.OPERATION_NOT_ALLOWED,
                        0,
                        qp.connection().accessBits());
    }

    private RequestDisposition checkReceiveReady(RoceOpcode opcode) {
        boolean takesReceive =
                opcode.operation() == Operation.SEND
                        ? opcode.startsMessage()
                        : opcode.hasImmediate();
        return takesReceive && receives.isEmpty()
                ? RequestDisposition.RECEIVER_NOT_READY
                : RequestDisposition.PROCEED;
    }

    private RequestDisposition checkLength(InboundPacket packet, RoceOpcode opcode) {
        int mtu = qp.connection().mtu();
        long length = packet.payload().total();
        if (!fields.isPacketLength(opcode, length, mtu)) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST, RequestFault.PACKET_LENGTH, length, mtu);
        }
        if (opcode.operation() == Operation.WRITE
                && !fields.isWriteLength(opcode, length, writeRest)) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.MESSAGE_LENGTH,
                    length,
                    opcode.startsMessage() ? fields.dmaLength() : writeRest);
        }
        boolean atomicWrite = opcode.operation() == Operation.ATOMIC_WRITE;
        if (atomicWrite && (length != Long.BYTES || fields.dmaLength() != Long.BYTES)) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.MESSAGE_LENGTH,
                    length == Long.BYTES ? fields.dmaLength() : length,
                    Long.BYTES);
        }
        boolean bounded =
                opcode.operation() == Operation.READ_REQUEST
                        || (opcode.operation() == Operation.FLUSH && fields.isRange());
        if (bounded && fields.dmaLength() > MAX_MESSAGE) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.RANGE_TOO_LONG,
                    fields.dmaLength(),
                    MAX_MESSAGE);
        }
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition execute(InboundPacket packet, RoceOpcode opcode) {
        if (opcode.operation() != Operation.WRITE || opcode.hasImmediate()) {
            memory.land();
        }
        return switch (opcode.operation()) {
            case SEND -> executeSend(packet, opcode);
            case WRITE -> executeWrite(packet, opcode);
            case READ_REQUEST -> executeRead();
            case COMPARE_SWAP, FETCH_ADD, ATOMIC_WRITE -> executeAtomic(opcode);
            case FLUSH -> executeFlush(opcode);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> RequestDisposition.DROP;
        };
    }

    private RequestDisposition executeSend(InboundPacket packet, RoceOpcode opcode) {
        ReceiveWqe receive = receives.current();
        if (opcode.startsMessage()) {
            sendOffset = 0;
        }
        long length = packet.payload().total();
        if (length > Math.min(receive.elements().total(), MAX_MESSAGE) - sendOffset) {
            refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.RECEIVE_TOO_SMALL,
                    sendOffset + length,
                    receive.elements().total());
            return failReceive(
                    WorkCompletionStatus.LOC_LEN_ERR, RequestDisposition.INVALID_REQUEST);
        }
        if (!memory.prepareReceive(receive, sendOffset, length)) {
            return failReceiveMemory();
        }
        if (opcode.hasInvalidate()) {
            if (!memory.invalidate(fields.invalidateKey())) {
                refuse(
                        RequestDisposition.INVALID_REQUEST,
                        RequestFault.INVALIDATION,
                        memory.refusal());
                return failReceive(
                        WorkCompletionStatus.LOC_PROT_ERR,
                        endsSilently
                                ? RequestDisposition.UNANSWERED
                                : RequestDisposition.INVALID_REQUEST);
            }
            output.detach();
        }
        if (!memory.place(packet)) {
            return failReceiveMemory();
        }
        sendOffset += length;
        if (opcode.endsMessage()) {
            completeReceive(WorkCompletionOpcode.RECV, sendOffset, opcode);
        }
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeWrite(InboundPacket packet, RoceOpcode opcode) {
        if (opcode.startsMessage()) {
            writeAddress = fields.address();
            writeKey = fields.key();
            writeRest = fields.dmaLength();
            writeLength = fields.dmaLength();
        }
        long length = packet.payload().total();
        // The first packet is checked for the whole message: no head of an illegal one is placed.
        long checked = opcode.startsMessage() ? writeLength : length;
        if (!memory.prepareWrite(writeKey, writeAddress, checked, length)
                || !memory.placeWrite(packet, opcode, writeKey, arrivalNanos)) {
            RequestDisposition refused = refuseMemory();
            return opcode.hasImmediate()
                    ? failReceive(WorkCompletionStatus.LOC_ACCESS_ERR, refused)
                    : refused;
        }
        writeAddress += length;
        writeRest -= length;
        if (opcode.endsMessage()) {
            if (opcode.hasImmediate()) {
                completeReceive(WorkCompletionOpcode.RECV_RDMA_WITH_IMM, writeLength, opcode);
            } else {
                responses.messageCompleted();
            }
        }
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeRead() {
        if (!memory.checkRead(fields.key(), fields.address(), fields.dmaLength())) {
            return refuseMemory();
        }
        if (!responses.canTakeRequest()) {
            return refuseReads();
        }
        responses.read(fields, readPackets(fields.dmaLength()), memory.who());
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeAtomic(RoceOpcode opcode) {
        if (fields.address() % ATOMIC_ALIGNMENT != 0) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.MISALIGNED,
                    fields.address(),
                    ATOMIC_ALIGNMENT);
        }
        if (!responses.canTakeRequest()) {
            return refuseReads();
        }
        boolean write = opcode.operation() == Operation.ATOMIC_WRITE;
        if (!(write ? memory.atomicWrite(fields) : memory.atomic(opcode, fields))) {
            return refuseMemory();
        }
        responses.executed(fields, opcode, write ? 0 : memory.originalValue());
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeFlush(RoceOpcode opcode) {
        if (!fields.isFlush()) {
            return refuse(
                    RequestDisposition.INVALID_REQUEST,
                    RequestFault.FLUSH_RESERVED,
                    fields.selectivity(),
                    fields.placement());
        }
        if (!responses.canTakeRequest()) {
            // Linux does not hold its FLUSHes to the limit of READs: the peer comes again.
            if (qp.connection().maxDestinationReadAtomic() > 0) {
                output.counters().add(TransportCounter.DROPPED_NO_ROOM);
                return RequestDisposition.DROP;
            }
            return refuseReads();
        }
        if (!memory.flush(fields)) {
            return refuseMemory();
        }
        output.counters().add(TransportCounter.PERSISTED_BYTES, memory.takePersisted());
        responses.executed(fields, opcode, 0);
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition refuseReads() {
        return refuse(
                RequestDisposition.INVALID_REQUEST,
                RequestFault.TOO_MANY_READS,
                0,
                qp.connection().maxDestinationReadAtomic());
    }

    private RequestDisposition refuseMemory() {
        return refuse(
                RequestDisposition.REMOTE_ACCESS_ERROR, RequestFault.MEMORY, memory.refusal());
    }

    private RequestDisposition refuse(
            RequestDisposition disposition, RequestFault fault, long actual, long expected) {
        refusal = Explanation.of(refused(disposition, fault, actual, expected));
        return disposition;
    }

    private RequestDisposition refuse(
            RequestDisposition disposition, RequestFault fault, Cause because) {
        refusal = Explanation.of(refused(disposition, fault, 0, 0), because);
        return disposition;
    }

    private Cause refused(
            RequestDisposition disposition, RequestFault fault, long actual, long expected) {
        return facts.peerRefused(
                current, expectedPsn, disposition.syndrome(), fault, actual, expected);
    }

    private RequestDisposition failReceiveMemory() {
        refuse(RequestDisposition.OPERATIONAL_ERROR, RequestFault.RECEIVE_MEMORY, memory.refusal());
        return failReceive(WorkCompletionStatus.LOC_PROT_ERR, RequestDisposition.OPERATIONAL_ERROR);
    }

    /// Completes a receive with an error, for what was refused just now.
    private RequestDisposition failReceive(
            WorkCompletionStatus status, RequestDisposition disposition) {
        completions.fail(
                status,
                facts.receiveFailed(receives.current(), status, Objects.requireNonNull(refusal)));
        return disposition;
    }

    private void completeReceive(WorkCompletionOpcode kind, long length, RoceOpcode opcode) {
        responses.messageCompleted();
        completions.succeed(kind, length, fields, opcode);
    }

    /// When bytes are placed that are not yet.
    long nextDeadline() {
        return memory.nextDeadline();
    }

    void onTimer(long nowNanos) {
        memory.onTimer(nowNanos);
    }

    /// Places what came in and is not placed yet.
    void land() {
        memory.land();
    }

    /// Completes all receives with WR_FLUSH_ERR.
    void flush() {
        memory.land();
        completions.flush();
    }
}
