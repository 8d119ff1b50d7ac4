package org.softverbs.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A queue pair of a machine, with the queues of its completions.
///
/// @param node the machine
/// @param setup how it was made
/// @param queuePair the queue pair
public record End(Node node, Setup setup, QueuePair queuePair) {

    private static final int PSN = 0xff_fff0;
    private static final int RNR_TIMER = 12;
    private static final int MOST = 1 << 16;
    private static final int READS = 16;
    private static final long BIND = 9_000;

    public int number() {
        return queuePair.number();
    }

    public QueuePairState state() {
        return queuePair.state();
    }

    public CompletionQueue sends() {
        return queuePair.sendCompletionQueue();
    }

    public CompletionQueue receives() {
        return queuePair.receiveCompletionQueue();
    }

    /// To a state that needs nothing else.
    public void move(QueuePairState to) {
        queuePair.modify(QueuePairAttributes.to(to));
    }

    /// From RESET to INIT.
    public void initialize() {
        queuePair.modify(QueuePairAttributes.toInit(setup.peerMay()));
    }

    /// What leads from INIT to RTR.
    public QueuePairAttributes.Builder readyToReceive(End peer) {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTR)
                .addressVector(
                        new AddressVector(peer.node().context().gidTable(1).getFirst().gid(), 0))
                .destinationQueuePairNumber(peer.number())
                .receivePacketSequenceNumber(PSN)
                .pathMtu(Mtu.MTU_1024)
                .maxDestinationReadAtomic(READS)
                .minRnrTimer(RNR_TIMER);
    }

    /// What leads from RTR to RTS.
    public QueuePairAttributes.Builder readyToSend() {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTS)
                .sendPacketSequenceNumber(PSN)
                .timeout(setup.timeout())
                .retryCount(setup.retries())
                .rnrRetry(setup.rnrRetries())
                .maxReadAtomic(READS);
    }

    /// From RESET to RTS, towards a peer.
    public void connectTo(End peer) {
        initialize();
        queuePair.modify(readyToReceive(peer).build());
        queuePair.modify(readyToSend().build());
    }

    public void post(SendWorkRequest request) {
        queuePair.postSend(request);
    }

    /// Posts a receive.
    public void receive(long id, Sge... elements) {
        queuePair.postReceive(new ReceiveWorkRequest(id, Arrays.asList(elements)));
    }

    /// Completions of the send queue, all that come.
    public List<WorkCompletion> sent() {
        node.rig().rest();
        return sends().poll(MOST);
    }

    /// Completions of the receive queue, all that come.
    public List<WorkCompletion> received() {
        node.rig().rest();
        return receives().poll(MOST);
    }

    /// How all sends ended that did.
    public List<WorkCompletionStatus> sentStatuses() {
        return statuses(sent());
    }

    /// How all receives ended that did.
    public List<WorkCompletionStatus> receivedStatuses() {
        return statuses(received());
    }

    private static List<WorkCompletionStatus> statuses(List<WorkCompletion> completions) {
        return completions.stream().map(WorkCompletion::status).toList();
    }

    /// Posts a request and says how it ended: it must get one completion, with its number.
    public WorkCompletionStatus run(SendWorkRequest request) {
        post(request);
        List<WorkCompletion> done = sent();
        if (done.size() != 1 || done.getFirst().workRequestId() != request.id()) {
            throw new AssertionError("not one completion of " + request + ": " + done);
        }
        return done.getFirst().status();
    }

    /// Binds a window of either type and says how that ended.
    public WorkCompletionStatus bind(MemoryWindow window, MemoryWindowBinding binding) {
        postBind(window, binding);
        List<WorkCompletion> done = sent();
        if (done.size() != 1 || done.getFirst().workRequestId() != BIND) {
            throw new AssertionError("not one completion of a bind: " + done);
        }
        return done.getFirst().status();
    }

    /// Posts the bind of a window of either type, signaled.
    public void postBind(MemoryWindow window, MemoryWindowBinding binding) {
        switch (window.type()) {
            case TYPE_1 ->
                    queuePair.bindMemoryWindow(BIND, window, binding, Requests.SIGNALED.flags());
            case TYPE_2 -> post(Requests.SIGNALED.bind(BIND, window, binding));
        }
    }

    /// Waits for so many completions of sends.
    public List<WorkCompletion> awaitSent(int count) {
        return await(sends(), count);
    }

    /// Waits for so many completions of receives.
    public List<WorkCompletion> awaitReceived(int count) {
        return await(receives(), count);
    }

    private List<WorkCompletion> await(CompletionQueue queue, int count) {
        List<WorkCompletion> done = new ArrayList<>();
        node.rig()
                .await(
                        count + " completions of " + queuePair,
                        () -> {
                            if (done.size() < count) {
                                done.addAll(queue.poll(count - done.size()));
                            }
                            return done.size() == count;
                        });
        return done;
    }
}
