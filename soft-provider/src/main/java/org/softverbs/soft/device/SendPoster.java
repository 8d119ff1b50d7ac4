package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// Puts requests into the send queue of a queue pair, in a state that takes them. Any thread; the
/// device is told by whoever posts.
final class SendPoster {

    private final SoftQueuePair queuePair;
    private final QueuePairCore core;
    private final SendQueue queue;
    private final ProfileRules rules;

    SendPoster(SoftQueuePair queuePair) {
        this.queuePair = queuePair;
        this.core = queuePair.core();
        this.queue = core.sendQueue();
        this.rules = queuePair.device().rules();
    }

    /// Adds a request.
    ///
    /// @return false when the queue is full
    boolean offer(SendWqe wqe, @Nullable PostedRequest request) {
        queuePair.requireOpen();
        // A reset empties the queue under the same lock, after it has set the state.
        synchronized (queue) {
            requireSending();
            if (rules.losesSend(core.state())) {
                return true;
            }
            return add(wqe, request) || rules.losesSendOverflow();
        }
    }

    /// Adds a request that is only flushed, whatever the device does with those of programs.
    ///
    /// @return false when the queue is full
    boolean offerMarker(SendWqe wqe, @Nullable PostedRequest request) {
        queuePair.requireOpen();
        synchronized (queue) {
            requireSending();
            queuePair.requireError("postSendMarker");
            return add(wqe, request);
        }
    }

    private boolean add(SendWqe wqe, @Nullable PostedRequest request) {
        boolean room = queue.room() > 0;
        if (request != null && room) {
            queuePair.note(request, queue.tail(), queue.capacity());
        }
        // Before it is posted, as its completion may come at once.
        DeviceWitness witness = queuePair.device().engine().witness();
        if (witness != null && room) {
            witness.posted(core, wqe);
        }
        return queue.offer(wqe);
    }

    /// Adds a list of requests whole, or not at all.
    ///
    /// @param cursor what they are built with
    void postAll(List<? extends SendWorkRequest> requests, SoftSendCursor cursor) {
        // Whoever posts beside this waits until all are in.
        synchronized (queue) {
            List<PostedRequest> noted = new ArrayList<>();
            int staged = stageEach(requests, cursor, noted);
            RequestLedger ledger = queuePair.device().keys().requests();
            if (ledger != null) {
                ledger.postedAll(noted, queue.tail(), queue.capacity());
            }
            DeviceWitness witness = queuePair.device().engine().witness();
            for (int i = 0; witness != null && i < staged; i++) {
                witness.posted(core, queue.slot(queue.tail() + i));
            }
            queue.publish(staged);
        }
    }

    /// Looks at each request, also at those that are lost.
    ///
    /// @param noted gets what the sanitizer is to know of them, when it is on
    /// @return how many there are to publish
    private int stageEach(
            List<? extends SendWorkRequest> requests,
            SoftSendCursor cursor,
            List<PostedRequest> noted) {
        RequestLedger ledger = queuePair.device().keys().requests();
        boolean lost = rules.losesSend(core.state());
        int room = lost ? 0 : queue.room();
        int index = 0;
        try {
            requireSending();
            for (SendWorkRequest request : requests) {
                cursor.set(request);
                cursor.check();
                if (index < room) {
                    cursor.stage(index);
                    if (ledger != null) {
                        noted.add(cursor.describe(ledger));
                    }
                } else if (!lost && !rules.losesSendOverflow()) {
                    throw noRoom(room, requests.size());
                }
                index++;
            }
        } catch (VerbsException refused) {
            throw new PostException(refused, index);
        }
        return Math.min(index, room);
    }

    /// For the poster that holds the lock of the queue.
    void stage(int ahead, SendWqe wqe) {
        queue.stage(ahead, wqe);
    }

    private void requireSending() {
        if (queuePair.type() == QueuePairType.XRC_RECV) {
            throw new VerbsException(
                    Errno.EINVAL, "postSend", "a queue pair of type XRC_RECV sends nothing");
        }
        QueuePairState state = core.state();
        boolean takes =
                switch (state) {
                    case RTS, SQD, SQE, ERR -> true;
                    case RESET, INIT, RTR -> rules.keepsEarlySends() || rules.losesSend(state);
                };
        if (!takes) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "postSend",
                    "a queue pair in state " + state + " takes no send requests",
                    Explanation.of(
                            new VerbCause.WrongState(
                                    queuePair.number(), state, "RTS, SQD or ERR")));
        }
    }

    /// The send queue has no room.
    Explanation full() {
        int unsignaled = 0;
        synchronized (queue) {
            // The owner may take some out meanwhile: slots keep what they had.
            for (long at = queue.tail() - queue.capacity(); at < queue.tail(); at++) {
                if (at >= 0 && !queue.slot(at).isSignaled() && !core.isSignalAll()) {
                    unsignaled++;
                }
            }
        }
        return Explanation.of(
                new VerbCause.SendQueueFull(queuePair.number(), queue.capacity(), unsignaled));
    }

    private VerbsException noRoom(int room, int count) {
        return new VerbsException(
                Errno.ENOMEM,
                "postSendAll",
                "the send queue of %d requests has room for %d of %d"
                        .formatted(queuePair.capabilities().maxSendRequests(), room, count),
                full());
    }
}
