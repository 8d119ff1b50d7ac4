package org.softverbs.soft.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SelectivityLevel;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// Builds a send request in a slot of its own and copies it into the queue when it is posted.
final class SoftSendCursor implements SendCursor {

    private static final int QUEUE_NUMBER_MAX = 0xff_ffff;
    private static final String POST_SEND = "postSend";
    private static final long MOST_FLUSHED = 1L << 31;

    private final SoftQueuePair queuePair;
    private final SendWqe wqe;
    private final LocalRequests local;
    private @Nullable SoftFastRegion registered;
    private boolean begun;
    private boolean moreToCome;
    private boolean unannounced;

    SoftSendCursor(SoftQueuePair queuePair) {
        this.queuePair = queuePair;
        this.local = new LocalRequests(queuePair.device());
        this.wqe =
                new SendWqe(
                        queuePair.capabilities().maxSendSge(),
                        Arena.ofAuto()
                                .allocate(Math.max(1, queuePair.capabilities().maxInlineData()))
                                .asSlice(0, queuePair.capabilities().maxInlineData()));
    }

    private SoftSendCursor begin(long id, SendOperation operation) {
        wqe.begin(id, operation);
        begun = true;
        moreToCome = false;
        return this;
    }

    @Override
    public SendCursor send(long id) {
        return begin(id, SendOperation.SEND);
    }

    @Override
    public SendCursor sendWithImmediate(long id, int immediate) {
        begin(id, SendOperation.SEND_WITH_IMMEDIATE);
        wqe.immediateOrKey(immediate);
        return this;
    }

    @Override
    public SendCursor sendWithInvalidate(long id, int invalidateKey) {
        begin(id, SendOperation.SEND_WITH_INVALIDATE);
        wqe.immediateOrKey(invalidateKey);
        return this;
    }

    @Override
    public SendCursor rdmaWrite(long id, long remoteAddress, int remoteKey) {
        begin(id, SendOperation.RDMA_WRITE);
        wqe.remote(remoteAddress, remoteKey);
        return this;
    }

    @Override
    public SendCursor rdmaWriteWithImmediate(
            long id, long remoteAddress, int remoteKey, int immediate) {
        begin(id, SendOperation.RDMA_WRITE_WITH_IMMEDIATE);
        wqe.remote(remoteAddress, remoteKey);
        wqe.immediateOrKey(immediate);
        return this;
    }

    @Override
    public SendCursor rdmaRead(long id, long remoteAddress, int remoteKey) {
        begin(id, SendOperation.RDMA_READ);
        wqe.remote(remoteAddress, remoteKey);
        return this;
    }

    @Override
    public SendCursor compareAndSwap(
            long id, long remoteAddress, int remoteKey, long compare, long swap) {
        begin(id, SendOperation.COMPARE_AND_SWAP);
        wqe.remote(remoteAddress, remoteKey);
        wqe.operands(compare, swap);
        return this;
    }

    @Override
    public SendCursor fetchAndAdd(long id, long remoteAddress, int remoteKey, long add) {
        begin(id, SendOperation.FETCH_AND_ADD);
        wqe.remote(remoteAddress, remoteKey);
        wqe.operands(0, add);
        return this;
    }

    @Override
    public SendCursor atomicWrite(long id, long remoteAddress, int remoteKey, long value) {
        begin(id, SendOperation.ATOMIC_WRITE);
        wqe.remote(remoteAddress, remoteKey);
        wqe.operands(0, value);
        return this;
    }

    @Override
    public SendCursor flush(
            long id,
            long remoteAddress,
            long length,
            int remoteKey,
            Set<PlacementType> types,
            SelectivityLevel level) {
        boolean whole = level == SelectivityLevel.MEMORY_REGION;
        if (!whole && (length < 0 || length > MOST_FLUSHED)) {
            throw refused("length " + length + " of a FLUSH is not within 0 and " + MOST_FLUSHED);
        }
        if (types.isEmpty()) {
            throw refused("a FLUSH needs a placement type");
        }
        begin(id, SendOperation.FLUSH);
        wqe.remote(remoteAddress, remoteKey);
        wqe.flush(length, PlacementType.bits(types), whole);
        return this;
    }

    @Override
    public SendCursor bindMemoryWindow(
            long id,
            MemoryWindow window,
            int remoteKey,
            MemoryRegion region,
            long address,
            long length,
            Set<AccessFlag> access) {
        local.checkTypeTwo(window, remoteKey);
        begin(id, SendOperation.BIND_MEMORY_WINDOW);
        local.bind(wqe, remoteKey, local.keyOf(region), address, length, access);
        return this;
    }

    @Override
    public SendCursor localInvalidate(long id, int key) {
        begin(id, SendOperation.LOCAL_INVALIDATE);
        wqe.immediateOrKey(key);
        return this;
    }

    @Override
    public SendCursor registerMemory(long id, FastRegion region, int key, Set<AccessFlag> access) {
        registered = local.checkRegistration(region, key, access);
        begin(id, SendOperation.REGISTER_MEMORY);
        wqe.remote(0, key);
        wqe.accessBits(AccessFlag.bits(access));
        return this;
    }

    /// Begins the bind of a window of type 1.
    ///
    /// @return the window's new key
    int setTypeOneBind(
            long id, MemoryWindow window, MemoryWindowBinding binding, Set<SendFlag> flags) {
        int key = local.claimTypeOneKey(window, binding);
        begin(id, SendOperation.BIND_MEMORY_WINDOW);
        local.bind(wqe, key, binding);
        setFlags(flags);
        return key;
    }

    @Override
    public SendCursor element(long address, int length, int localKey) {
        if (wqe.operation().isLocal() || wqe.operation().isPlacement()) {
            throw refused(wqe.operation() + " takes no elements");
        }
        if (!wqe.elements().add(address, length, localKey)) {
            throw refused(
                    "more than the queue pair's maxSendSge of "
                            + wqe.elements().capacity()
                            + " elements",
                    "maxSendSge",
                    wqe.elements().capacity() + 1L,
                    wqe.elements().capacity());
        }
        return this;
    }

    @Override
    public SendCursor destination(AddressHandle handle, int queuePairNumber, int queueKey) {
        if (!(handle instanceof SoftAddressHandle own
                && own.domain().device() == queuePair.device())) {
            throw refused("the address handle is of another context");
        }
        if (queuePair.device().rules().tracksAddressHandles()) {
            own.requireOpen();
        }
        if (queuePairNumber < 0 || queuePairNumber > DatagramDestination.MULTICAST_QUEUE_PAIR) {
            throw refused("queue pair number " + queuePairNumber + " has more than 24 bits");
        }
        wqe.destination(own.path(), own.domain().number(), queuePairNumber, queueKey);
        return this;
    }

    @Override
    public SendCursor remoteSharedReceiveQueue(int number) {
        if (number < 0 || number > QUEUE_NUMBER_MAX) {
            throw refused("shared receive queue number " + number + " has more than 24 bits");
        }
        wqe.remoteQueue(number);
        return this;
    }

    @Override
    public SendCursor inlineData(MemorySegment source, long offset, int length) {
        requireInline();
        if (!wqe.appendInline(source, offset, length)) {
            throw refused(
                    "inline data of "
                            + (wqe.length() + length)
                            + " bytes exceeds the queue pair's maxInlineData of "
                            + wqe.inlineBuffer().byteSize(),
                    "maxInlineData",
                    wqe.length() + length,
                    wqe.inlineBuffer().byteSize());
        }
        return this;
    }

    /// @throws VerbsException `EINVAL` when the operation takes no data
    void requireInline() {
        if (wqe.operation().hasResponse() || wqe.operation().isLocal()) {
            throw refused(wqe.operation() + " cannot be inline");
        }
    }

    @Override
    public SendCursor signaled() {
        wqe.signaled(true);
        return this;
    }

    @Override
    public SendCursor solicited() {
        wqe.solicited(true);
        return this;
    }

    @Override
    public SendCursor fence() {
        wqe.fenced(true);
        return this;
    }

    @Override
    public SendCursor moreToCome() {
        moreToCome = true;
        return this;
    }

    @Override
    public void post() {
        if (!tryPost()) {
            throw noRoom();
        }
    }

    private VerbsException noRoom() {
        return new VerbsException(
                Errno.ENOMEM,
                POST_SEND,
                "the send queue of "
                        + queuePair.capabilities().maxSendRequests()
                        + " requests is full",
                queuePair.sends().full());
    }

    @Override
    public boolean tryPost() {
        if (!begun) {
            throw new IllegalStateException("no request was begun on this cursor");
        }
        boolean posted = false;
        try {
            check();
            posted = offer();
        } finally {
            // A request that is refused announces those that were posted before it.
            unannounced |= posted;
            if (unannounced && !(posted && moreToCome)) {
                unannounced = false;
                queuePair.ring();
            }
        }
        begun &= !posted;
        return posted;
    }

    private boolean offer() {
        RequestLedger requests = queuePair.device().keys().requests();
        return queuePair.sends().offer(wqe, requests == null ? null : describe(requests));
    }

    /// Posts a request that is only flushed.
    void postMarker(long id) {
        begin(id, SendOperation.SEND);
        wqe.signaled(true);
        RequestLedger requests = queuePair.device().keys().requests();
        if (!queuePair.sends().offerMarker(wqe, requests == null ? null : describe(requests))) {
            throw noRoom();
        }
        begun = false;
        queuePair.ring();
    }

    /// Puts the request into the queue, to be published with those around it.
    void stage(int ahead) {
        queuePair.sends().stage(ahead, wqe);
        begun = false;
    }

    /// What the sanitizer is to know of the request.
    PostedRequest describe(RequestLedger requests) {
        return RequestDescription.of(queuePair, wqe, registered, requests);
    }

    /// Whether the request may be posted, but for the state and the room of the queue.
    void check() {
        if (wqe.isInline() && wqe.elements().count() > 0) {
            throw refused("a request has elements or inline data, not both");
        }
        if (wqe.hasDestination() != (queuePair.type().isDatagram() && isSend())) {
            throw refused(
                    wqe.hasDestination()
                            ? wqe.operation()
                                    + " of a queue pair of type "
                                    + queuePair.type()
                                    + " takes no destination"
                            : "a datagram needs a destination");
        }
        boolean toQueue = queuePair.type() == QueuePairType.XRC_SEND && !wqe.operation().isLocal();
        if (wqe.hasRemoteQueue() != toQueue) {
            throw refused(
                    wqe.hasRemoteQueue()
                            ? wqe.operation()
                                    + " of a queue pair of type "
                                    + queuePair.type()
                                    + " is for no shared receive queue"
                            : "a request of type XRC_SEND needs a shared receive queue");
        }
        if (queuePair.device().rules().needsElements()
                && !wqe.isInline()
                && !wqe.operation().isLocal()
                && !wqe.operation().isPlacement()
                && wqe.elements().count() == 0) {
            throw refused("a request without elements, which the device's profile refuses");
        }
        long limit = queuePair.device().limits().maxMessage();
        if (wqe.length() > limit) {
            throw refused("length " + wqe.length() + " exceeds the largest message " + limit);
        }
    }

    private boolean isSend() {
        return wqe.operation() == SendOperation.SEND
                || wqe.operation() == SendOperation.SEND_WITH_IMMEDIATE;
    }

    /// Begins the request that a record describes.
    void set(SendWorkRequest request) {
        SendRecords.begin(request, this);
        setFlags(request.flags());
        SendRecords.addElements(request, this, wqe);
    }

    /// Begins the bind of a window of type 2 that a record describes.
    void bind(SendWorkRequest.BindMemoryWindow bind) {
        local.checkTypeTwo(bind.window(), bind.remoteKey());
        begin(bind.id(), SendOperation.BIND_MEMORY_WINDOW);
        local.bind(wqe, bind.remoteKey(), bind.binding());
    }

    /// The CPU's memory at an address of the program.
    Optional<MemorySegment> userBytes(long address, long length) {
        return queuePair.device().host().userBytes(address, length);
    }

    private void setFlags(Set<SendFlag> flags) {
        wqe.signaled(flags.contains(SendFlag.SIGNALED));
        wqe.solicited(flags.contains(SendFlag.SOLICITED));
        wqe.fenced(flags.contains(SendFlag.FENCE));
    }

    private static VerbsException refused(String reason, String field, long value, long limit) {
        return new VerbsException(
                Errno.EINVAL,
                POST_SEND,
                reason,
                Explanation.of(new VerbCause.LimitExceeded(field, value, limit)));
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, POST_SEND, reason);
    }
}
