package org.softverbs.rw;

import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletion;

/// Ends the work of a queue pair: it goes to ERR, and behind everything that was posted a marker is
/// posted on each of its queues. When both have come back nothing of it is under way, and what its
/// requests named may be unmapped.
///
/// ```
/// QueuePairDrain drain = QueuePairDrain.begin(queuePair, SEND_MARKER, RECEIVE_MARKER);
/// while (!drain.isDone()) {
///     for (WorkCompletion completion : completions.poll(16)) {
///         if (!drain.onCompletion(completion)) {
///             // one of the ULP's own, flushed
///         }
///     }
/// }
/// ```
///
/// The markers are the device's own ([QueuePair#postSendMarker]): they come back also from one that
/// loses what programs post in ERR.
///
/// Used by one thread at a time: the one that polls. Kernel name: `ib_drain_qp`.
public final class QueuePairDrain {

    private final QueuePair queuePair;
    private final long sendMarker;
    private final long receiveMarker;
    private boolean sendsDone;
    private boolean receivesDone;

    private QueuePairDrain(QueuePair queuePair, long sendMarker, long receiveMarker) {
        this.queuePair = queuePair;
        this.sendMarker = sendMarker;
        this.receiveMarker = receiveMarker;
    }

    /// Moves the queue pair to ERR and posts the markers. Nobody may post on it any more.
    ///
    /// @param sendMarker an id that no request of the queue pair has
    /// @param receiveMarker another such id
    /// @throws IllegalArgumentException when both are the same
    /// @throws org.softverbs.verbs.VerbsException as [QueuePair#postSendMarker] and
    ///     [QueuePair#postReceiveMarker]: what is flushed makes room for the markers
    public static QueuePairDrain begin(QueuePair queuePair, long sendMarker, long receiveMarker) {
        if (sendMarker == receiveMarker) {
            throw new IllegalArgumentException("both markers are " + sendMarker);
        }
        if (queuePair.state() != QueuePairState.ERR) {
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        }
        QueuePairDrain drain = new QueuePairDrain(queuePair, sendMarker, receiveMarker);
        queuePair.postReceiveMarker(receiveMarker);
        queuePair.postSendMarker(sendMarker);
        return drain;
    }

    /// Takes note of a completion.
    ///
    /// @return whether it was one of the markers, and so none of the ULP's
    public boolean onCompletion(WorkCompletion completion) {
        if (completion.queuePairNumber() != queuePair.number()) {
            return false;
        }
        if (completion.workRequestId() == sendMarker) {
            sendsDone = true;
            return true;
        }
        if (completion.workRequestId() == receiveMarker) {
            receivesDone = true;
            return true;
        }
        return false;
    }

    /// Whether everything that was posted is completed and was polled.
    public boolean isDone() {
        return sendsDone && receivesDone;
    }
}
