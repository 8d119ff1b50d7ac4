package org.softverbs.soft.roce;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.LocalMemory;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// Sends the requests of a send queue whose peer acknowledges nothing: a request is completed when
/// its last packet was given to the link. One that fails stops the send queue alone (SQE).
abstract sealed class UnreliableRequester permits UcRequester, UdRequester {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final SendQueue queue;
    private final LocalMemory localMemory;
    private final LocalOperations localOperations;
    private final SendCompletions completions;
    private final FailureFacts facts;
    private int nextPsn;
    private boolean underWay;
    private WorkCompletionStatus failure = WorkCompletionStatus.SUCCESS;
    private @Nullable Cause failureCause;

    UnreliableRequester(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.queue = qp.sendQueue();
        this.localMemory = new LocalMemory(qp.memory(), qp.accessor());
        this.localOperations = new LocalOperations(qp, output);
        this.completions = new SendCompletions(qp, output);
        this.facts = new FailureFacts(qp);
    }

    final QueuePairCore queuePair() {
        return qp;
    }

    final EngineOutput output() {
        return output;
    }

    /// The cause of a request that is none of this service's.
    final Cause notOffered(SendWqe wqe) {
        return new Cause.OperationNotOffered(qp.type(), wqe.operation().completionOpcode());
    }

    void start() {
        reset();
        nextPsn = qp.connection().sendPsn();
    }

    void reset() {
        underWay = false;
        failure = WorkCompletionStatus.SUCCESS;
    }

    /// PSN of the packet that is sent next.
    final int nextPsn() {
        return nextPsn;
    }

    /// Why the service does not carry out a request, or null when it does.
    abstract @Nullable Cause refusal(SendWqe wqe);

    /// Sends the next packet of a request, by [#send].
    ///
    /// @return false when it failed, by [#fail]
    abstract boolean sendNext(SendWqe wqe);

    /// Sends while there is work, budget and room.
    ///
    /// @return packets sent, and local operations carried out
    final int transmit(int budget) {
        int sent = 0;
        while (sent < budget && canTransmit() && output.hasRoom()) {
            SendWqe wqe = queue.slot(queue.head());
            Cause refusal = refusal(wqe);
            if (refusal != null) {
                fail(WorkCompletionStatus.LOC_QP_OP_ERR, refusal);
                break;
            }
            if (!(wqe.operation().isLocal() ? execute(wqe) : sendNext(wqe))) {
                break;
            }
            sent++;
        }
        return sent;
    }

    /// Whether a packet could be sent now, given room. In SQD no request begins.
    final boolean canTransmit() {
        return queue.head() != queue.tail()
                && failure == WorkCompletionStatus.SUCCESS
                && (underWay || qp.state() != QueuePairState.SQD);
    }

    /// Whether every request that was begun is completed.
    final boolean isDrained() {
        return !underWay;
    }

    private boolean execute(SendWqe wqe) {
        WorkCompletionStatus status = localOperations.execute(wqe);
        if (status != WorkCompletionStatus.SUCCESS) {
            fail(status, localOperations.refusal());
            return false;
        }
        complete(wqe);
        return true;
    }

    /// Adds a part of a request's message to the packet at hand.
    ///
    /// @return false when its memory was refused
    final boolean gather(SendWqe wqe, long offset, long length) {
        OutboundPacket packet = output.packet();
        // The memory is the program's again as soon as the request is completed.
        packet.lendPayload();
        AccessResult result = localMemory.gather(wqe, offset, length, packet.payload());
        if (result != AccessResult.GRANTED) {
            fail(
                    WorkCompletionStatus.LOC_PROT_ERR,
                    localMemory.refused(result, AccessRight.LOCAL_READ));
            return false;
        }
        return true;
    }

    /// Sends the packet at hand.
    ///
    /// @param last whether it is the last of its request
    final void send(SendWqe wqe, boolean last) {
        output.send();
        nextPsn = PacketSequenceNumber.next(nextPsn);
        underWay = !last;
        if (last) {
            complete(wqe);
        }
    }

    /// The oldest request is done.
    final void complete(SendWqe wqe) {
        boolean wanted = completions.begin(wqe);
        queue.advanceHead();
        if (wanted) {
            output.completeSend();
        }
    }

    /// The oldest request cannot be carried out, or not to its end.
    final void fail(WorkCompletionStatus status, Cause because) {
        failure = status;
        failureCause = because;
    }

    final boolean hasFailed() {
        return failure != WorkCompletionStatus.SUCCESS;
    }

    /// Completes everything posted with WR_FLUSH_ERR, the oldest with its failure if it failed.
    final void flush() {
        if (hasFailed()) {
            Explanation why =
                    facts.sendFailed(
                            queue.slot(queue.head()),
                            failure,
                            Objects.requireNonNull(failureCause));
            completions.flush(failure, why);
        } else {
            completions.flush();
        }
        reset();
    }
}
