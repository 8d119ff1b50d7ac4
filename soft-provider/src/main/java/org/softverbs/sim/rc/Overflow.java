package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.sim.Scarce;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// A completion queue that is too small for what comes and is not polled, and the queue pairs that
/// use it: one that sends to a third, and one that only has receives posted.
///
/// It must overrun: one event tells so, both queue pairs go to ERR, what came first is still to be
/// read, all else is lost and counted. The third queue pair, with a queue of its own, goes on.
final class Overflow {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final int RECEIVES = 3;
    private static final int MOST_ENTRIES = 16;
    private static final int SENDER_PSN = 0xff_fff8;
    private static final int TAKER_PSN = 4791;

    private final Node node;
    private final CompletionQueue small;
    private final CompletionQueue large;
    private final QueuePair sender;
    private final QueuePair bystander;
    private final QueuePair taker;
    private final int sends;
    private final long lostBefore;

    /// Makes all of it and posts more than there is room for.
    ///
    /// @param size decides how many completions there is room for
    Overflow(Node node, RcSettings settings, long size) {
        this.node = node;
        DeviceContext context = node.context();
        int entries = 1 + (int) (size % MOST_ENTRIES);
        small = Scarce.until(() -> context.createCompletionQueue(entries));
        large = Scarce.until(() -> context.createCompletionQueue(1));
        lostBefore = lost();
        sends = small.entries() + 1 + (int) (size / MOST_ENTRIES % MOST_ENTRIES);
        sender = queuePair(small);
        bystander = queuePair(small);
        taker = queuePair(large);
        connect(sender, SENDER_PSN, taker, TAKER_PSN, settings);
        connect(taker, TAKER_PSN, sender, SENDER_PSN, settings);
        for (int i = 0; i < RECEIVES; i++) {
            bystander.postReceive(new ReceiveWorkRequest(i, List.of()));
        }
        for (int i = 0; i < sends; i++) {
            // A WRITE of no bytes needs no key.
            sender.postSend(new SendWorkRequest.RdmaWrite(i, List.of(), 0, 0, SIGNALED));
        }
    }

    private QueuePair queuePair(CompletionQueue queue) {
        ProtectionDomain domain = node.domain();
        QueuePairOptions options =
                new QueuePairOptions(
                        QueuePairType.RC,
                        queue,
                        queue,
                        new QueuePairCapabilities(2 * MOST_ENTRIES + 1, RECEIVES, 1, 1, 0),
                        false);
        QueuePair made = Scarce.until(() -> domain.createQueuePair(options));
        made.modify(QueuePairAttributes.toInit(End.REMOTE));
        return made;
    }

    private void connect(QueuePair from, int psn, QueuePair to, int toPsn, RcSettings settings) {
        from.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(node.address(), 0), to.number(), toPsn, Mtu.MTU_256));
        from.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(psn)
                        .timeout(settings.timeout())
                        .retryCount(settings.retryCount())
                        .rnrRetry(0)
                        .maxReadAtomic(1)
                        .build());
    }

    private long lost() {
        return node.context().counters().getOrDefault("completions_lost", 0L);
    }

    /// Judges what there is once the device told of the overrun, and closes all.
    void overran() {
        requireError(sender);
        requireError(bystander);
        require(
                taker.state() == QueuePairState.RTS,
                "C3",
                () -> node.name() + ": another queue pair is in " + taker.state());
        checkKept();
        long lost = lost() - lostBefore;
        int due = sends + RECEIVES - small.entries();
        require(
                lost == due,
                "C3",
                () -> node.name() + ": " + lost + " completions are counted as lost, not " + due);
        sender.postSend(new SendWorkRequest.RdmaWrite(sends, List.of(), 0, 0, SIGNALED));
        require(
                small.poll(1).isEmpty() && lost() - lostBefore == due + 1,
                "C3",
                () -> node.name() + ": a queue that overran took a completion");
        close();
    }

    private void requireError(QueuePair queuePair) {
        require(
                queuePair.state() == QueuePairState.ERR,
                "C3",
                () -> node.name() + ": the queue overran, and " + queuePair + " is not in ERR");
        boolean told =
                queuePair
                        .firstError()
                        .filter(why -> why.root() instanceof Cause.CompletionQueueOverrun)
                        .isPresent();
        // The sender may have failed before, by what the network did.
        require(
                told || queuePair.equals(sender),
                "C3",
                () -> node.name() + ": fails for another reason: " + queuePair.firstError());
    }

    /// What came first was not written over.
    private void checkKept() {
        List<WorkCompletion> kept = new ArrayList<>(small.poll(small.entries()));
        require(
                kept.size() == small.entries(),
                "C3",
                () -> node.name() + ": " + kept.size() + " completions of " + small.entries());
        boolean failed = false;
        for (int i = 0; i < kept.size(); i++) {
            WorkCompletion completion = kept.get(i);
            boolean inOrder =
                    completion.workRequestId() == i
                            && completion.queuePairNumber() == sender.number()
                            && !(failed && completion.isSuccess());
            require(inOrder, "C3", () -> node.name() + ": not in order: " + completion);
            failed = !completion.isSuccess();
        }
    }

    /// Closes all of it.
    void close() {
        sender.close();
        bystander.close();
        taker.close();
        small.close();
        large.close();
    }

    @Override
    public String toString() {
        return node.name() + " waits for an overrun";
    }
}
