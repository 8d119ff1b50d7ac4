package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DataInOrder;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.XrcDomain;

/// A queue pair as its user sees it.
final class SoftQueuePair extends Resource implements QueuePair, ReceiveTarget {

    private final SoftProtectionDomain domain;
    private final QueuePairOptions options;
    private final QueuePairCapabilities capabilities;
    private final QueuePairPort port;
    private final QueuePairModifier modifier;
    private final int handle;
    private final GroupMembership membership;
    private final SoftSendCursor recordSends;
    private final SoftReceiveCursor recordReceives;

    SoftQueuePair(
            SoftProtectionDomain domain,
            QueuePairOptions options,
            QueuePairCapabilities capabilities,
            QueuePairPort port) {
        this.domain = domain;
        this.options = options;
        this.capabilities = capabilities;
        this.port = port;
        this.modifier = new QueuePairModifier(domain.device(), options.type(), port);
        this.handle = port.handles().nextNumber();
        this.membership = new GroupMembership(this);
        this.recordSends = new SoftSendCursor(this);
        this.recordReceives = new SoftReceiveCursor(this);
    }

    /// Another handle of an XRC target.
    ///
    /// @param xrcDomain of which it was opened
    SoftQueuePair(SoftQueuePair other, XrcDomain xrcDomain) {
        this.domain = other.domain;
        this.options = QueuePairOptions.xrcTarget(xrcDomain, other.receiveCompletionQueue());
        this.capabilities = other.capabilities;
        this.port = other.port;
        this.modifier = other.modifier;
        this.handle = port.handles().nextNumber();
        this.membership = new GroupMembership(this);
        this.recordSends = new SoftSendCursor(this);
        this.recordReceives = new SoftReceiveCursor(this);
    }

    @Override
    public SoftDevice device() {
        return domain.device();
    }

    @Override
    public String kind() {
        return "queue pair";
    }

    @Override
    public int ledgerNumber() {
        return number();
    }

    @Override
    public int maxReceiveSge() {
        return capabilities.maxReceiveSge();
    }

    @Override
    public int maxReceiveRequests() {
        return capabilities.maxReceiveRequests();
    }

    Optional<XrcDomain> xrcDomain() {
        return options.xrcDomain();
    }

    SoftProtectionDomain domain() {
        return domain;
    }

    QueuePairPort port() {
        return port;
    }

    private QueuePairCore core() {
        return port.core();
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public QueuePairType type() {
        return options.type();
    }

    @Override
    public int number() {
        return core().number();
    }

    @Override
    public int handle() {
        return handle;
    }

    @Override
    public QueuePairState state() {
        return core().state();
    }

    @Override
    public QueuePairCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public CompletionQueue sendCompletionQueue() {
        return options.sendCompletionQueue();
    }

    @Override
    public CompletionQueue receiveCompletionQueue() {
        return options.receiveCompletionQueue();
    }

    @Override
    public Optional<SharedReceiveQueue> sharedReceiveQueue() {
        return options.sharedReceiveQueue();
    }

    @Override
    public void modify(QueuePairAttributes attributes) {
        requireOpen();
        device().owner()
                .run(
                        () -> {
                            device().requirePresent("modify");
                            modifier.modify(attributes);
                        });
    }

    /// Packets are carried out in their order, but the bytes of one are copied in any: who looks at
    /// memory beside them may see the last before the first, as with `memcpy`.
    @Override
    public Set<DataInOrder> queryDataInOrder(WorkCompletionOpcode operation) {
        requireOpen();
        return Set.of();
    }

    @Override
    public QueuePairAttributes query() {
        requireOpen();
        return device().owner().call(modifier::query);
    }

    @Override
    public void postSend(SendWorkRequest request) {
        synchronized (recordSends) {
            recordSends.set(request);
            recordSends.post();
        }
    }

    @Override
    public void postSend(List<? extends SendWorkRequest> requests) {
        synchronized (recordSends) {
            try {
                offerEach(requests);
            } finally {
                if (isOpen()) {
                    ring();
                }
            }
        }
    }

    @Override
    public void postSendAll(List<? extends SendWorkRequest> requests) {
        requireOpen();
        synchronized (recordSends) {
            // Whoever posts beside this waits until all are in.
            synchronized (core().sendQueue()) {
                List<PostedRequest> noted = stageEach(requests);
                RequestLedger ledger = device().keys().requests();
                SendQueue queue = core().sendQueue();
                if (ledger != null) {
                    ledger.postedAll(noted, queue.tail(), queue.capacity());
                }
                DeviceWitness witness = device().engine().witness();
                for (int i = 0; witness != null && i < requests.size(); i++) {
                    witness.posted(core(), queue.slot(queue.tail() + i));
                }
                queue.publish(requests.size());
            }
            ring();
        }
    }

    /// @return what the sanitizer is to know of them, when it is on
    private List<PostedRequest> stageEach(List<? extends SendWorkRequest> requests) {
        RequestLedger ledger = device().keys().requests();
        List<PostedRequest> described = new ArrayList<>(ledger == null ? 0 : requests.size());
        int room = core().sendQueue().room();
        int index = 0;
        try {
            requireSending();
            for (SendWorkRequest request : requests) {
                recordSends.set(request);
                recordSends.check();
                if (index == room) {
                    throw noRoom(room, requests.size());
                }
                recordSends.stage(index);
                if (ledger != null) {
                    described.add(recordSends.describe(ledger));
                }
                index++;
            }
        } catch (VerbsException refused) {
            throw new PostException(refused, index);
        }
        return described;
    }

    private Explanation wrongState(String needed) {
        return Explanation.of(new VerbCause.WrongState(number(), state(), needed));
    }

    /// The send queue has no room.
    Explanation sendQueueFull() {
        SendQueue queue = core().sendQueue();
        int unsignaled = 0;
        synchronized (queue) {
            // The owner may take some out meanwhile: slots keep what they had.
            for (long at = queue.tail() - queue.capacity(); at < queue.tail(); at++) {
                if (at >= 0 && !queue.slot(at).isSignaled() && !core().isSignalAll()) {
                    unsignaled++;
                }
            }
        }
        return Explanation.of(new VerbCause.SendQueueFull(number(), queue.capacity(), unsignaled));
    }

    private VerbsException noRoom(int room, int count) {
        return new VerbsException(
                Errno.ENOMEM,
                "postSendAll",
                "the send queue of %d requests has room for %d of %d"
                        .formatted(capabilities.maxSendRequests(), room, count),
                sendQueueFull());
    }

    /// Adds requests; the device is not told.
    private void offerEach(List<? extends SendWorkRequest> requests) {
        int index = 0;
        try {
            for (SendWorkRequest request : requests) {
                recordSends.set(request);
                recordSends.moreToCome();
                recordSends.post();
                index++;
            }
        } catch (VerbsException refused) {
            throw new PostException(refused, index);
        }
    }

    @Override
    public int bindMemoryWindow(
            long id, MemoryWindow window, MemoryWindowBinding binding, Set<SendFlag> flags) {
        synchronized (recordSends) {
            int key = recordSends.setTypeOneBind(id, window, binding, flags);
            recordSends.post();
            return key;
        }
    }

    @Override
    public void postReceive(ReceiveWorkRequest request) {
        synchronized (recordReceives) {
            recordReceives.set(request);
            recordReceives.post();
        }
    }

    @Override
    public void postReceive(List<ReceiveWorkRequest> requests) {
        synchronized (recordReceives) {
            recordReceives.postAll(requests);
        }
    }

    @Override
    public void attachMulticast(GlobalIdentifier group) {
        membership.attach(group);
    }

    @Override
    public void detachMulticast(GlobalIdentifier group) {
        membership.detach(group);
    }

    @Override
    public Optional<Explanation> firstError() {
        return Optional.ofNullable(core().firstError());
    }

    @Override
    public List<Wait> waitsFor() {
        requireOpen();
        return device().owner()
                .call(() -> port.engine().waitsFor(device().host().clock().nanoTime()));
    }

    @Override
    public SendCursor sendCursor() {
        requireOpen();
        return new SoftSendCursor(this);
    }

    @Override
    public ReceiveCursor receiveCursor() {
        requireOpen();
        return new SoftReceiveCursor(this);
    }

    /// Adds a send request, in a state that takes one.
    ///
    /// @return false when the queue is full
    boolean offerSend(SendWqe wqe, @Nullable PostedRequest request) {
        requireOpen();
        // A reset empties the queue under the same lock, after it has set the state.
        synchronized (core().sendQueue()) {
            requireSending();
            SendQueue queue = core().sendQueue();
            if (request != null && queue.room() > 0) {
                note(request, queue.tail(), queue.capacity());
            }
            // Before it is posted, as its completion may come at once.
            DeviceWitness witness = device().engine().witness();
            if (witness != null && queue.room() > 0) {
                witness.posted(core(), wqe);
            }
            return queue.offer(wqe);
        }
    }

    /// For the poster that holds the lock of the queue.
    void stageSend(int ahead, SendWqe wqe) {
        core().sendQueue().stage(ahead, wqe);
    }

    private void requireSending() {
        if (type() == QueuePairType.XRC_RECV) {
            throw new VerbsException(
                    Errno.EINVAL, "postSend", "a queue pair of type XRC_RECV sends nothing");
        }
        switch (core().state()) {
            case RTS, SQD, SQE, ERR -> {}
            case RESET, INIT, RTR ->
                    throw new VerbsException(
                            Errno.EINVAL,
                            "postSend",
                            "a queue pair in state " + state() + " takes no send requests",
                            wrongState("RTS, SQD or ERR"));
        }
    }

    /// Adds a receive request, in a state that takes one.
    ///
    /// @return false when the queue is full
    @Override
    public boolean offerReceive(ReceiveWqe wqe, @Nullable PostedRequest request) {
        requireOpen();
        if (type() == QueuePairType.XRC_SEND || type() == QueuePairType.XRC_RECV) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "postReceive",
                    "a queue pair of type " + type() + " has no receives of its own");
        }
        if (options.sharedReceiveQueue().isPresent()) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "postReceive",
                    "the receives of this queue pair come from "
                            + options.sharedReceiveQueue().orElseThrow());
        }
        synchronized (core().receiveQueue()) {
            if (core().state() == QueuePairState.RESET) {
                throw new VerbsException(
                        Errno.EINVAL,
                        "postReceive",
                        "a queue pair in state RESET takes no receive requests",
                        wrongState("any state but RESET"));
            }
            ReceiveQueue queue = core().receiveQueue();
            if (request != null && queue.hasRoom()) {
                note(request, queue.tail(), queue.capacity());
            }
            DeviceWitness witness = device().engine().witness();
            if (witness != null && queue.hasRoom()) {
                witness.posted(core(), wqe);
            }
            if (!queue.offer(wqe)) {
                return false;
            }
        }
        if (core().state() == QueuePairState.ERR) {
            ring();
        }
        return true;
    }

    /// Noted before it is posted, for its completion may come at once.
    private void note(PostedRequest request, long position, int capacity) {
        RequestLedger requests = device().keys().requests();
        if (requests != null) {
            requests.posted(request, position, capacity);
        }
    }

    /// Tells the device of new work.
    void ring() {
        device().engine().onPosted(port);
    }

    @Override
    public void close() {
        AsyncEventQueue events = device().events();
        if (isOpen()) {
            if (type() == QueuePairType.UD) {
                membership.requireNone();
            }
            events.requireAcknowledged("closeQueuePair", asEventElement(), this);
        }
        if (markClosed()) {
            QueuePairFactory.closed(this);
            events.forget(asEventElement());
        }
    }

    private AsyncEventQueue.Element asEventElement() {
        return new AsyncEventQueue.Element(AsyncEventSource.QUEUE_PAIR, number(), handle);
    }

    @Override
    public String toString() {
        return "queue pair 0x" + Integer.toHexString(core().number());
    }
}
