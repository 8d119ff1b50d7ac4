package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.util.ArrayDeque;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// What must come of an end's receives: each message of the peer once, in order, whole.
final class ReceiveModel {

    private final End end;
    private final int most;
    private final ArrayDeque<Integer> posted = new ArrayDeque<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final ArrayDeque<Request> incoming = new ArrayDeque<>();
    private boolean failed;
    private boolean flushedFirst;
    private long delivered;

    ReceiveModel(End end, RcSettings settings) {
        this.end = end;
        this.most = settings.receives();
        refill();
    }

    private void refill() {
        posted.clear();
        free.clear();
        for (int i = 0; i < End.RECEIVES; i++) {
            free.addLast(i);
        }
    }

    /// The peer is about to post a message that needs a receive.
    void expect(Request message) {
        incoming.addLast(message);
    }

    /// Posts receives up to the number that is meant to be there.
    void post() {
        while (posted.size() < most) {
            int buffer = free.removeFirst();
            posted.addLast(buffer);
            end.queuePair()
                    .postReceive(
                            new ReceiveWorkRequest(
                                    buffer,
                                    end.buffers()
                                            .element(
                                                    (long) buffer * end.slotBytes(),
                                                    end.slotBytes())));
        }
    }

    void completed(WorkCompletion completion) {
        require(
                !posted.isEmpty() && posted.getFirst() == completion.workRequestId(),
                "C2",
                () -> end + ": " + completion + " among receives " + posted);
        int buffer = posted.removeFirst();
        if (completion.isSuccess()) {
            require(!failed, "C2", () -> end + ": success after a failure: " + completion);
            deliver(buffer, completion);
        } else {
            fail(completion);
            end.receiveBuffers()
                    .asSlice((long) buffer * end.slotBytes(), end.slotBytes())
                    .fill(DataBank.POISON);
        }
        free.addLast(buffer);
    }

    private void fail(WorkCompletion completion) {
        WorkCompletionStatus status = completion.status();
        if (failed) {
            require(
                    status == WorkCompletionStatus.WR_FLUSH_ERR,
                    "C2",
                    () -> end + ": after the first failure " + completion);
        }
        flushedFirst |= !failed && status == WorkCompletionStatus.WR_FLUSH_ERR;
        failed = true;
        boolean legal =
                switch (status) {
                    case WR_FLUSH_ERR -> true;
                    case LOC_LEN_ERR -> !incoming.isEmpty() && incoming.getFirst().fate != null;
                    case LOC_ACCESS_ERR ->
                            !end.isWhole()
                                    || (!incoming.isEmpty() && incoming.getFirst().fate != null);
                    case LOC_PROT_ERR -> !end.isWhole() || end.wasRevoked();
                    default -> false;
                };
        require(legal || end.node().isForged(), "C1", () -> end + ": no reason for " + completion);
    }

    /// Receives are flushed only when the queue pair failed for a reason; to be asked when all was
    /// taken that completed, also of the sends.
    void checkFlush() {
        require(
                !flushedFirst
                        || end.sends().hasFailed()
                        || end.mayBeFlushed()
                        || end.node().isForged(),
                "T2",
                () -> end + ": no reason for the flush of receives");
        flushedFirst = false;
    }

    private void deliver(int buffer, WorkCompletion completion) {
        if (end.node().isForged()) {
            end.receiveBuffers()
                    .asSlice((long) buffer * end.slotBytes(), end.slotBytes())
                    .fill(DataBank.POISON);
            return;
        }
        Request message = incoming.pollFirst();
        if (message == null) {
            throw new InvariantViolation("T1", end + ": nobody sent what arrived: " + completion);
        }
        require(message.fate == null, "M4", () -> end + ": took a wrong message: " + message);
        boolean write = message.kind.isWrite();
        WorkCompletionOpcode opcode =
                write ? WorkCompletionOpcode.RECV_RDMA_WITH_IMM : WorkCompletionOpcode.RECV;
        require(
                completion.opcode() == opcode && completion.byteLength() == message.length,
                "T1",
                () -> end + ": " + completion + " of " + message);
        if (message.kind.hasImmediate()) {
            require(
                    completion.immediate().orElse(0) == (int) message.id,
                    "T1",
                    () -> end + ": the immediate of " + completion + " of " + message);
        } else {
            require(
                    completion.immediate().isEmpty(),
                    "T1",
                    () -> end + ": an immediate: " + completion);
        }
        checkBuffer(buffer, message, write ? 0 : message.length);
        delivered = message.id;
        end.peer().sends().executed(message.id);
        if (message.kind == Request.Kind.SEND_WITH_INVALIDATE) {
            end.loan().returned(completion);
        }
    }

    private void checkBuffer(int buffer, Request message, int length) {
        var memory = end.receiveBuffers();
        long at = (long) buffer * end.slotBytes();
        long wrong = DataBank.mismatch(memory, at, message.id, length);
        require(wrong < 0, "T1", () -> end + ": byte " + wrong + " of received " + message);
        long written = DataBank.written(memory, at + length, end.slotBytes() - length);
        require(written < 0, "M1", () -> end + ": wrote behind the end of " + message);
        memory.asSlice(at, length).fill(DataBank.POISON);
    }

    /// Number of the last message that arrived.
    long delivered() {
        return delivered;
    }

    boolean isQuiet() {
        return incoming.isEmpty() || end.node().isForged();
    }

    /// The connection is over.
    void finish() {
        require(
                posted.isEmpty(),
                "C1",
                () ->
                        end
                                + ": receives "
                                + posted
                                + " got no completion when the queue pair failed");
        incoming.clear();
        failed = false;
    }

    /// The queue pair is gone, and with it the receives that were posted.
    void destroyed() {
        end.receiveBuffers().fill(DataBank.POISON);
        refill();
    }

    /// Buffers that hold no message were not written.
    void checkBuffers() {
        for (int buffer : free) {
            long at = (long) buffer * end.slotBytes();
            long written = DataBank.written(end.receiveBuffers(), at, end.slotBytes());
            require(
                    written < 0,
                    "M1",
                    () -> end + ": receive buffer " + buffer + " was written after its completion");
        }
    }

    @Override
    public String toString() {
        return "receives " + posted + ", expected " + incoming;
    }
}
