package org.softverbs.ulp.demo;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// The active end: posts each operation and looks at what came of it.
final class DemoRun implements AutoCloseable {

    /// An operation as it went.
    ///
    /// @param operation which one
    /// @param verified whether completion and data are right at both ends
    /// @param completion our completion in words
    /// @param peerCompletion the peer's, in its words
    /// @param packetsSent packets we sent for it
    /// @param packetsReceived packets we got for it
    /// @param microseconds from post to completion
    record Outcome(
            DemoOperation operation,
            boolean verified,
            String completion,
            String peerCompletion,
            long packetsSent,
            long packetsReceived,
            long microseconds) {}

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private final DemoNode node;
    private final DemoPeer peer;
    private final DemoPeer.Offer target;
    private final boolean harmed;

    /// @param context the active end's device; closed with this
    /// @param peer the passive end
    /// @param harmed whether links do harm, so that the last NAK may be lost
    DemoRun(DeviceContext context, DemoPeer peer, boolean harmed) {
        this.node = new DemoNode(context);
        this.peer = peer;
        this.harmed = harmed;
        try {
            this.target = peer.connect(node.offer());
            node.connect(target);
        } catch (RuntimeException failed) {
            node.close();
            peer.close();
            throw failed;
        }
    }

    Outcome run(DemoOperation operation) {
        node.clear();
        if (operation != DemoOperation.RDMA_READ) {
            node.fill(operation);
        }
        peer.prepare(operation);
        Map<String, Long> before = node.context().counters();
        long start = System.nanoTime();
        node.queuePair().postSend(request(operation));
        WorkCompletion completion = node.awaitSend();
        long nanos = System.nanoTime() - start;
        Map<String, Long> after = node.context().counters();
        DemoPeer.Finding finding = peer.inspect(operation);
        return new Outcome(
                operation,
                finding.verified() && isRight(operation, completion),
                completion.opcode() + " " + completion.status(),
                finding.account(),
                difference(before, after, "sent_packets"),
                difference(before, after, "received_packets"),
                nanos / 1000);
    }

    private static long difference(Map<String, Long> before, Map<String, Long> after, String name) {
        return after.getOrDefault(name, 0L) - before.getOrDefault(name, 0L);
    }

    private SendWorkRequest request(DemoOperation operation) {
        long id = operation.ordinal();
        List<Sge> data = List.of(node.region().element(DemoNode.DATA_OFFSET, operation.bytes()));
        List<Sge> word = List.of(node.region().element(DemoNode.ATOMIC_OFFSET, operation.bytes()));
        long remoteData = target.address() + DemoNode.DATA_OFFSET;
        long remoteWord = target.address() + DemoNode.ATOMIC_OFFSET;
        int key = target.remoteKey();
        return switch (operation) {
            case SEND -> new SendWorkRequest.Send(id, data, SIGNALED);
            case SEND_WITH_IMM ->
                    new SendWorkRequest.SendWithImmediate(id, data, LocalPeer.IMMEDIATE, SIGNALED);
            case SEND_WITH_INV -> new SendWorkRequest.SendWithInvalidate(id, data, key, SIGNALED);
            case RDMA_WRITE -> new SendWorkRequest.RdmaWrite(id, data, remoteData, key, SIGNALED);
            case RDMA_WRITE_WITH_IMM ->
                    new SendWorkRequest.RdmaWriteWithImmediate(
                            id, data, remoteData, key, LocalPeer.IMMEDIATE, SIGNALED);
            case RDMA_READ -> new SendWorkRequest.RdmaRead(id, data, remoteData, key, SIGNALED);
            case ATOMIC_CMP_AND_SWP ->
                    new SendWorkRequest.CompareAndSwap(
                            id,
                            word,
                            remoteWord,
                            key,
                            LocalPeer.WORD,
                            LocalPeer.WORD + 1,
                            SIGNALED);
            case ATOMIC_FETCH_AND_ADD ->
                    new SendWorkRequest.FetchAndAdd(id, word, remoteWord, key, 2, SIGNALED);
        };
    }

    private boolean isRight(DemoOperation operation, WorkCompletion completion) {
        return switch (operation) {
            case SEND, SEND_WITH_IMM, RDMA_WRITE, RDMA_WRITE_WITH_IMM -> completion.isSuccess();
            case RDMA_READ -> completion.isSuccess() && node.holds(operation);
            case ATOMIC_CMP_AND_SWP, ATOMIC_FETCH_AND_ADD ->
                    completion.isSuccess() && node.word() == LocalPeer.WORD;
            case SEND_WITH_INV ->
                    completion.status() == WorkCompletionStatus.REM_INV_REQ_ERR
                            // A queue pair in ERR does not repeat its NAK.
                            || (harmed
                                    && completion.status() == WorkCompletionStatus.RETRY_EXC_ERR);
        };
    }

    Map<String, Long> counters() {
        return node.context().counters();
    }

    @Override
    public void close() {
        node.close();
        peer.close();
    }
}
