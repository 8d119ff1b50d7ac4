package org.softverbs.soft.device;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.ReceiveWqe;
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
    private final SendPoster sends;
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
        this.sends = new SendPoster(this);
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
        this.sends = new SendPoster(this);
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

    QueuePairCore core() {
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
            sends.postAll(requests, recordSends);
            ring();
        }
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
    public void postSendMarker(long id) {
        synchronized (recordSends) {
            recordSends.postMarker(id);
        }
    }

    @Override
    public void postReceiveMarker(long id) {
        requireOpen();
        requireError("postReceiveMarker");
        synchronized (recordReceives) {
            recordReceives.postMarker(id);
        }
    }

    /// @throws VerbsException `EINVAL` in another state
    void requireError(String verb) {
        QueuePairState state = state();
        if (state != QueuePairState.ERR) {
            throw new VerbsException(
                    Errno.EINVAL,
                    verb,
                    "a queue pair in state " + state + " takes no marker",
                    Explanation.of(new VerbCause.WrongState(number(), state, "ERR")));
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
            if (core().state() == QueuePairState.RESET && !device().rules().keepsEarlyReceives()) {
                throw new VerbsException(
                        Errno.EINVAL,
                        "postReceive",
                        "a queue pair in state RESET takes no receive requests",
                        Explanation.of(
                                new VerbCause.WrongState(
                                        number(), state(), "any state but RESET")));
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
    void note(PostedRequest request, long position, int capacity) {
        RequestLedger requests = device().keys().requests();
        if (requests != null) {
            requests.posted(request, position, capacity);
        }
    }

    /// What puts requests into its send queue.
    SendPoster sends() {
        return sends;
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
