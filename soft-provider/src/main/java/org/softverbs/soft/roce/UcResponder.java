package org.softverbs.soft.roce;

import static org.softverbs.soft.roce.RequestFields.MAX_MESSAGE;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.ReceiveSource;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Takes the messages of an unreliable connection. A message with a gap, or one that is refused, is
/// dropped whole, and its receive takes the next one (InfiniBand 9.8.2; class D of 9.9.3). What was
/// placed before the gap stays: the specification lets it.
final class UcResponder implements UnreliableReceiver {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ReceiveSource receives;
    private final ReceiveCompletions completions;
    private final RequestFields fields = new RequestFields();
    private final ResponderMemory memory;
    private final FailureFacts facts;
    private int expectedPsn;
    private @Nullable Operation message;
    private long sendOffset;
    private long writeAddress;
    private int writeKey;
    private long writeRest;
    private long writeLength;

    UcResponder(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.receives = qp.receives();
        this.completions = new ReceiveCompletions(qp, output);
        this.memory = new ResponderMemory(qp);
        this.facts = new FailureFacts(qp);
    }

    @Override
    public void start() {
        reset();
        completions.start();
        expectedPsn = qp.connection().receivePsn();
    }

    @Override
    public void reset() {
        message = null;
    }

    @Override
    public int expectedPsn() {
        return expectedPsn;
    }

    @Override
    public void flush() {
        completions.flush();
    }

    @Override
    public boolean onPacket(InboundPacket packet, RoceOpcode opcode) {
        fields.read(packet, opcode);
        boolean gap = fields.psn() != expectedPsn;
        if (gap) {
            output.counters().add(TransportCounter.OUT_OF_SEQUENCE_REQUESTS);
        }
        expectedPsn = PacketSequenceNumber.next(fields.psn());
        if (opcode.startsMessage()) {
            // What was under way lost its end.
            message = opcode.operation();
            begin(opcode);
        } else if (gap || message != opcode.operation()) {
            drop(TransportCounter.DROPPED_INCOMPLETE);
            return true;
        }
        TransportCounter fault = check(packet, opcode);
        if (fault != null) {
            drop(fault);
            return true;
        }
        boolean intact =
                opcode.operation() == Operation.SEND
                        ? placeSend(packet, opcode)
                        : placeWrite(packet, opcode);
        if (opcode.endsMessage()) {
            message = null;
        }
        return intact;
    }

    private void begin(RoceOpcode opcode) {
        sendOffset = 0;
        if (opcode.operation() == Operation.WRITE) {
            writeAddress = fields.address();
            writeKey = fields.key();
            writeRest = fields.dmaLength();
            writeLength = fields.dmaLength();
        }
    }

    private void drop(TransportCounter reason) {
        output.counters().add(reason);
        message = null;
    }

    private @Nullable TransportCounter check(InboundPacket packet, RoceOpcode opcode) {
        int mtu = qp.connection().mtu();
        long length = packet.payload().total();
        boolean write = opcode.operation() == Operation.WRITE;
        if (!fields.isPacketLength(opcode, length, mtu)
                || (write && !fields.isWriteLength(opcode, length, writeRest))) {
            return TransportCounter.DROPPED_BAD_LENGTH;
        }
        if (!memory.isAllowed(opcode.operation(), fields)) {
            return TransportCounter.DROPPED_REFUSED;
        }
        boolean takesReceive = opcode.operation() == Operation.SEND || opcode.hasImmediate();
        if (takesReceive && receives.isEmpty()) {
            return TransportCounter.DROPPED_NO_RECEIVE;
        }
        if (opcode.operation() == Operation.SEND) {
            // A shared receive is taken out for a message that it has room for.
            return length > Math.min(receives.room(), MAX_MESSAGE) - sendOffset
                    ? TransportCounter.DROPPED_TOO_LONG
                    : null;
        }
        // The first packet is checked for the whole message: no head of an illegal one is placed.
        long checked = opcode.startsMessage() ? writeLength : length;
        return memory.prepareWrite(writeKey, writeAddress, checked, length)
                ? null
                : TransportCounter.DROPPED_REFUSED;
    }

    private boolean placeSend(InboundPacket packet, RoceOpcode opcode) {
        long length = packet.payload().total();
        if (!memory.prepareReceive(receives.current(), sendOffset, length)
                || !memory.place(packet)) {
            WorkCompletionStatus status = WorkCompletionStatus.LOC_PROT_ERR;
            completions.fail(
                    status,
                    facts.receiveFailed(
                            receives.current(), status, Explanation.of(memory.refusal())));
            return false;
        }
        sendOffset += length;
        if (opcode.endsMessage()) {
            completions.succeed(WorkCompletionOpcode.RECV, sendOffset, fields, opcode);
        }
        return true;
    }

    private boolean placeWrite(InboundPacket packet, RoceOpcode opcode) {
        long length = packet.payload().total();
        if (!memory.place(packet)) {
            drop(TransportCounter.DROPPED_REFUSED);
            return true;
        }
        writeAddress += length;
        writeRest -= length;
        if (opcode.hasImmediate()) {
            completions.succeed(
                    WorkCompletionOpcode.RECV_RDMA_WITH_IMM, writeLength, fields, opcode);
        }
        return true;
    }
}
