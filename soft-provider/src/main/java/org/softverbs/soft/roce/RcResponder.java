package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Carries out the peer's requests in the order of their PSNs: a chain of small checks, then the
/// execution. What it answers goes through [RcResponses].
final class RcResponder {

    private static final long MAX_MESSAGE = 1L << 31;
    private static final int ATOMIC_ALIGNMENT = 8;
    private static final int PAD_MASK = 3;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ReceiveQueue receives;
    private final RcResponses responses;
    private final RequestFields fields = new RequestFields();
    private final ResponderMemory memory;

    private int expectedPsn;
    private @Nullable Operation message;
    private boolean sequenceNakSent;
    private long sendOffset;
    private long writeAddress;
    private int writeKey;
    private long writeRest;
    private long writeLength;
    private @Nullable String refusal;

    RcResponder(QueuePairCore qp, EngineOutput output, RcResponses responses) {
        this.qp = qp;
        this.output = output;
        this.receives = qp.receiveQueue();
        this.responses = responses;
        this.memory = new ResponderMemory(qp);
    }

    void start() {
        reset();
        expectedPsn = qp.connection().receivePsn();
    }

    void reset() {
        message = null;
        sequenceNakSent = false;
        sendOffset = 0;
    }

    /// PSN of the next request in order.
    int expectedPsn() {
        return expectedPsn;
    }

    void onPacket(InboundPacket packet, RoceOpcode opcode) {
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
            settle(process(packet, opcode), opcode);
        }
    }

    /// One NAK for a gap, then silence until the missing packet comes.
    private void onGap() {
        output.counters().add(TransportCounter.OUT_OF_SEQUENCE_REQUESTS);
        if (!sequenceNakSent) {
            sequenceNakSent = true;
            output.counters().add(TransportCounter.SENT_SEQUENCE_NAKS);
            responses.sequenceNak(expectedPsn);
        }
    }

    private void onDuplicate(RoceOpcode opcode) {
        output.counters().add(TransportCounter.DUPLICATE_REQUESTS);
        boolean known =
                switch (opcode.operation()) {
                    case READ_REQUEST -> responses.replayRead(fields, qp.connection().mtu());
                    case COMPARE_SWAP, FETCH_ADD -> responses.replayAtomic(fields, opcode);
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
                output.counters().add(TransportCounter.SENT_RNR_NAKS);
                responses.rnrNak(expectedPsn, qp.connection().minRnrTimer());
            }
            case INVALID_REQUEST, REMOTE_ACCESS_ERROR, OPERATIONAL_ERROR -> {
                output.counters().add(TransportCounter.SENT_FATAL_NAKS);
                responses.fatalNak(expectedPsn, disposition.syndrome());
                String why = refusal == null ? "" : ": " + refusal;
                output.raise(
                        disposition.event(),
                        opcode + " with PSN " + expectedPsn + " refused" + why);
            }
        }
    }

    private void accepted(RoceOpcode opcode) {
        int psn = expectedPsn;
        boolean read = opcode.operation() == Operation.READ_REQUEST;
        int packets = read ? readPackets(fields.dmaLength()) : 1;
        expectedPsn = PacketSequenceNumber.add(expectedPsn, packets);
        message = opcode.endsMessage() ? null : opcode.operation();
        boolean answered =
                switch (opcode.operation()) {
                    case READ_REQUEST, COMPARE_SWAP, FETCH_ADD -> true;
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
                : refuse(RequestDisposition.INVALID_REQUEST, "opcode out of order");
    }

    private RequestDisposition checkOperationAllowed(RoceOpcode opcode) {
        return memory.isAllowed(opcode.operation())
                ? RequestDisposition.PROCEED
                : refuse(
                        RequestDisposition.INVALID_REQUEST,
                        "the queue pair does not allow the operation");
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

    /// First and Middle carry exactly a path MTU, Last at least a byte, all of them the padding
    /// that makes words; a WRITE carries as much as its RETH said.
    private RequestDisposition checkLength(InboundPacket packet, RoceOpcode opcode) {
        int mtu = qp.connection().mtu();
        long length = packet.payload().total();
        boolean legal =
                switch (opcode.position()) {
                    case FIRST, MIDDLE -> length == mtu;
                    case LAST -> length >= 1 && length <= mtu;
                    case ONLY -> length <= mtu;
                };
        legal &= fields.padCount() == (-length & PAD_MASK);
        if (legal && opcode.operation() == Operation.WRITE) {
            legal = isWriteLengthLegal(opcode, length);
        }
        if (legal && opcode.operation() == Operation.READ_REQUEST) {
            legal = fields.dmaLength() <= MAX_MESSAGE;
        }
        return legal
                ? RequestDisposition.PROCEED
                : refuse(RequestDisposition.INVALID_REQUEST, "length " + length);
    }

    private boolean isWriteLengthLegal(RoceOpcode opcode, long length) {
        return switch (opcode.position()) {
            case ONLY -> fields.dmaLength() == length;
            case FIRST -> fields.dmaLength() > length && fields.dmaLength() <= MAX_MESSAGE;
            case MIDDLE -> writeRest > length;
            case LAST -> writeRest == length;
        };
    }

    private RequestDisposition execute(InboundPacket packet, RoceOpcode opcode) {
        return switch (opcode.operation()) {
            case SEND -> executeSend(packet, opcode);
            case WRITE -> executeWrite(packet, opcode);
            case READ_REQUEST -> executeRead();
            case COMPARE_SWAP, FETCH_ADD -> executeAtomic(opcode);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> RequestDisposition.DROP;
        };
    }

    private RequestDisposition executeSend(InboundPacket packet, RoceOpcode opcode) {
        ReceiveWqe receive = receives.first();
        if (opcode.startsMessage()) {
            sendOffset = 0;
        }
        long length = packet.payload().total();
        if (length > Math.min(receive.elements().total(), MAX_MESSAGE) - sendOffset) {
            return failReceive(
                    receive,
                    WorkCompletionStatus.LOC_LEN_ERR,
                    RequestDisposition.INVALID_REQUEST,
                    "the message is longer than the receive");
        }
        String wrong = memory.prepareReceive(receive, sendOffset, length);
        if (wrong != null) {
            return failReceive(
                    receive,
                    WorkCompletionStatus.LOC_PROT_ERR,
                    RequestDisposition.OPERATIONAL_ERROR,
                    wrong);
        }
        if (opcode.hasInvalidate()) {
            String kept = memory.invalidate(fields.invalidateKey());
            if (kept != null) {
                return failReceive(
                        receive,
                        WorkCompletionStatus.LOC_PROT_ERR,
                        RequestDisposition.INVALID_REQUEST,
                        kept);
            }
            output.detach();
        }
        if (!memory.place(packet)) {
            return failReceive(
                    receive,
                    WorkCompletionStatus.LOC_PROT_ERR,
                    RequestDisposition.OPERATIONAL_ERROR,
                    "the memory is gone");
        }
        sendOffset += length;
        if (opcode.endsMessage()) {
            completeReceive(receive, WorkCompletionOpcode.RECV, sendOffset, opcode);
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
        String wrong = memory.prepareWrite(writeKey, writeAddress, checked, length);
        if (wrong == null && !memory.place(packet)) {
            wrong = "the memory is gone";
        }
        if (wrong != null) {
            return opcode.hasImmediate()
                    ? failReceive(
                            receives.first(),
                            WorkCompletionStatus.LOC_ACCESS_ERR,
                            RequestDisposition.REMOTE_ACCESS_ERROR,
                            wrong)
                    : refuse(RequestDisposition.REMOTE_ACCESS_ERROR, wrong);
        }
        writeAddress += length;
        writeRest -= length;
        if (opcode.endsMessage()) {
            if (opcode.hasImmediate()) {
                completeReceive(
                        receives.first(),
                        WorkCompletionOpcode.RECV_RDMA_WITH_IMM,
                        writeLength,
                        opcode);
            } else {
                responses.messageCompleted();
            }
        }
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeRead() {
        String wrong = memory.checkRead(fields.key(), fields.address(), fields.dmaLength());
        if (wrong != null) {
            return refuse(RequestDisposition.REMOTE_ACCESS_ERROR, wrong);
        }
        if (!responses.canTakeRequest()) {
            return refuse(RequestDisposition.INVALID_REQUEST, "too many READs and atomics");
        }
        responses.read(fields, readPackets(fields.dmaLength()));
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition executeAtomic(RoceOpcode opcode) {
        if (fields.address() % ATOMIC_ALIGNMENT != 0) {
            return refuse(RequestDisposition.INVALID_REQUEST, "the address is not aligned to 8");
        }
        if (!responses.canTakeRequest()) {
            return refuse(RequestDisposition.INVALID_REQUEST, "too many READs and atomics");
        }
        String wrong = memory.atomic(opcode, fields);
        if (wrong != null) {
            return refuse(RequestDisposition.REMOTE_ACCESS_ERROR, wrong);
        }
        responses.atomic(fields, opcode, memory.originalValue());
        return RequestDisposition.PROCEED;
    }

    private RequestDisposition refuse(RequestDisposition disposition, String reason) {
        refusal = reason;
        return disposition;
    }

    private RequestDisposition failReceive(
            ReceiveWqe receive,
            WorkCompletionStatus status,
            RequestDisposition disposition,
            String reason) {
        output.completion()
                .begin(qp.number(), receive.id(), status, WorkCompletionOpcode.RECV)
                .position(receives.head());
        receives.advanceHead();
        output.completeReceive();
        return refuse(disposition, reason);
    }

    private void completeReceive(
            ReceiveWqe receive, WorkCompletionOpcode kind, long length, RoceOpcode opcode) {
        responses.messageCompleted();
        CompletionEntry completion =
                output.completion()
                        .begin(qp.number(), receive.id(), WorkCompletionStatus.SUCCESS, kind)
                        .byteLength(length)
                        .position(receives.head())
                        .solicited(fields.isSolicited());
        if (opcode.hasImmediate()) {
            completion.extra(CompletionEntry.Extra.IMMEDIATE, fields.immediate());
        } else if (opcode.hasInvalidate()) {
            completion.extra(CompletionEntry.Extra.INVALIDATED_KEY, fields.invalidateKey());
        }
        receives.advanceHead();
        output.completeReceive();
    }

    /// Completes all receives with WR_FLUSH_ERR.
    void flush() {
        while (!receives.isEmpty()) {
            ReceiveWqe receive = receives.first();
            output.completion()
                    .begin(
                            qp.number(),
                            receive.id(),
                            WorkCompletionStatus.WR_FLUSH_ERR,
                            WorkCompletionOpcode.RECV)
                    .position(receives.head());
            receives.advanceHead();
            output.completeReceive();
        }
    }
}
