package org.softverbs.soft.queue;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.Path;

/// A slot of a send queue: the request as posted, and what the requester keeps about it.
///
/// The posted half is written by the poster before the slot is published and read by the owner
/// after; the other half is the owner's.
public final class SendWqe {

    private final SgeList elements;
    private final MemorySegment inlineBuffer;
    private long id;
    private SendOperation operation = SendOperation.SEND;
    private boolean signaled;
    private boolean solicited;
    private boolean fenced;
    private boolean inline;
    private int inlineLength;
    private long remoteAddress;
    private int remoteKey;
    private int immediateOrKey;
    private long compare;
    private long swapOrAdd;
    private int localKey;
    private long bindLength;
    private long flushLength;
    private int placementBits;
    private boolean wholeRegion;
    private int accessBits;
    private @Nullable Path path;
    private int handleDomain;
    private int destinationQpn;
    private int queueKey;
    private boolean toQueue;

    private int firstPsn;
    private int packets;
    private boolean started;
    private boolean outstanding;
    private boolean executed;
    private int packetsReceived;
    private int askedEnd;

    /// @param maxSge most elements
    /// @param inlineBuffer room for inline data, of the slot alone
    public SendWqe(int maxSge, MemorySegment inlineBuffer) {
        this.elements = new SgeList(maxSge);
        this.inlineBuffer = inlineBuffer;
    }

    /// Starts a new request.
    public void begin(long newId, SendOperation newOperation) {
        id = newId;
        operation = newOperation;
        elements.clear();
        signaled = false;
        solicited = false;
        fenced = false;
        inline = false;
        inlineLength = 0;
        started = false;
        outstanding = false;
        executed = false;
        packetsReceived = 0;
        path = null;
        toQueue = false;
    }

    /// Becomes the request of another slot.
    public void copyFrom(SendWqe other) {
        begin(other.id, other.operation);
        elements.set(other.elements);
        signaled = other.signaled;
        solicited = other.solicited;
        fenced = other.fenced;
        inline = other.inline;
        inlineLength = other.inlineLength;
        remoteAddress = other.remoteAddress;
        remoteKey = other.remoteKey;
        immediateOrKey = other.immediateOrKey;
        compare = other.compare;
        swapOrAdd = other.swapOrAdd;
        localKey = other.localKey;
        bindLength = other.bindLength;
        flushLength = other.flushLength;
        placementBits = other.placementBits;
        wholeRegion = other.wholeRegion;
        accessBits = other.accessBits;
        path = other.path;
        handleDomain = other.handleDomain;
        destinationQpn = other.destinationQpn;
        queueKey = other.queueKey;
        toQueue = other.toQueue;
        if (inline) {
            MemorySegment.copy(other.inlineBuffer, 0, inlineBuffer, 0, inlineLength);
        }
    }

    public void remote(long address, int key) {
        remoteAddress = address;
        remoteKey = key;
    }

    /// Where a datagram goes.
    ///
    /// @param way to the port
    /// @param domain of the address handle
    /// @param qpn queue pair there
    /// @param key its Q_Key
    public void destination(Path way, int domain, int qpn, int key) {
        path = way;
        handleDomain = domain;
        destinationQpn = qpn;
        queueKey = key;
    }

    /// Which shared receive queue a request is for.
    public void remoteQueue(int number) {
        destinationQpn = number;
        toQueue = true;
    }

    public void immediateOrKey(int value) {
        immediateOrKey = value;
    }

    public void operands(long newCompare, long newSwapOrAdd) {
        compare = newCompare;
        swapOrAdd = newSwapOrAdd;
    }

    /// What a window is bound to: a region by its local key, and how much of it.
    public void binding(int regionKey, long length) {
        localKey = regionKey;
        bindLength = length;
    }

    /// What a FLUSH is for: how many bytes or the whole region, and how far they are to come.
    public void flush(long length, int placement, boolean whole) {
        flushLength = length;
        placementBits = placement;
        wholeRegion = whole;
    }

    /// Rights that a window or a fast registration gives.
    public void accessBits(int value) {
        accessBits = value;
    }

    public void signaled(boolean value) {
        signaled = value;
    }

    public void solicited(boolean value) {
        solicited = value;
    }

    public void fenced(boolean value) {
        fenced = value;
    }

    /// Adds inline data behind what is there.
    ///
    /// @return false when there is no room
    public boolean appendInline(MemorySegment source, long offset, long length) {
        if (length > inlineBuffer.byteSize() - inlineLength) {
            return false;
        }
        MemorySegment.copy(source, offset, inlineBuffer, inlineLength, length);
        inline = true;
        inlineLength += (int) length;
        return true;
    }

    /// Marks a request of no bytes as inline.
    public void inline() {
        inline = true;
    }

    public long id() {
        return id;
    }

    public SendOperation operation() {
        return operation;
    }

    public SgeList elements() {
        return elements;
    }

    public boolean isSignaled() {
        return signaled;
    }

    public boolean isSolicited() {
        return solicited;
    }

    /// Whether its last packet asks for an event: only what takes a receive can solicit, a WRITE
    /// tells its target nothing.
    public boolean solicits() {
        return solicited && operation != SendOperation.RDMA_WRITE;
    }

    public boolean isFenced() {
        return fenced;
    }

    public boolean isInline() {
        return inline;
    }

    public MemorySegment inlineBuffer() {
        return inlineBuffer;
    }

    /// Bytes of the message.
    public long length() {
        return inline ? inlineLength : elements.total();
    }

    public long remoteAddress() {
        return remoteAddress;
    }

    public int remoteKey() {
        return remoteKey;
    }

    public int immediateOrKey() {
        return immediateOrKey;
    }

    /// Whether it says where a datagram goes.
    public boolean hasDestination() {
        return path != null;
    }

    /// Whether it says which shared receive queue it is for.
    public boolean hasRemoteQueue() {
        return toQueue;
    }

    /// The way of a datagram.
    public Path path() {
        return Objects.requireNonNull(path);
    }

    /// Number of the domain of a datagram's address handle.
    public int handleDomain() {
        return handleDomain;
    }

    /// Queue pair that a datagram goes to, or the shared receive queue of [#hasRemoteQueue()].
    public int destinationQpn() {
        return destinationQpn;
    }

    /// Q_Key of a datagram.
    public int queueKey() {
        return queueKey;
    }

    public long compare() {
        return compare;
    }

    public long swapOrAdd() {
        return swapOrAdd;
    }

    /// Local key of the region that a window is bound to; 0 for none.
    public int localKey() {
        return localKey;
    }

    /// Bytes of a window.
    public long bindLength() {
        return bindLength;
    }

    /// The [org.softverbs.verbs.PlacementType]s of a FLUSH.
    public int placementBits() {
        return placementBits;
    }

    /// Whether a FLUSH is for the whole region.
    public boolean isWholeRegion() {
        return wholeRegion;
    }

    /// Bytes of the peer's memory that it is about.
    public long remoteLength() {
        return switch (operation) {
            case ATOMIC_WRITE -> Long.BYTES;
            case FLUSH -> wholeRegion ? 0 : flushLength;
            case SEND,
                    SEND_WITH_IMMEDIATE,
                    SEND_WITH_INVALIDATE,
                    RDMA_WRITE,
                    RDMA_WRITE_WITH_IMMEDIATE,
                    RDMA_READ,
                    COMPARE_AND_SWAP,
                    FETCH_AND_ADD,
                    BIND_MEMORY_WINDOW,
                    LOCAL_INVALIDATE,
                    REGISTER_MEMORY ->
                    length();
        };
    }

    public int accessBits() {
        return accessBits;
    }

    /// Whether a local operation was carried out, and is to be completed in its turn.
    public boolean isExecuted() {
        return executed;
    }

    public void executed() {
        executed = true;
    }

    /// PSN of the first packet of the request, or of the response to a READ.
    public int firstPsn() {
        return firstPsn;
    }

    /// Packet sequence numbers that the request takes.
    public int packets() {
        return packets;
    }

    /// Whether a packet of it was ever sent.
    public boolean isStarted() {
        return started;
    }

    public void start(int psn, int count) {
        firstPsn = psn;
        packets = count;
        started = true;
        packetsReceived = 0;
        askedEnd = 0;
    }

    /// Whether it is a READ or atomic that was sent and not answered.
    public boolean isOutstanding() {
        return outstanding;
    }

    public void outstanding(boolean value) {
        outstanding = value;
    }

    /// Index behind the last packet of a READ that was asked for.
    public int askedEnd() {
        return askedEnd;
    }

    public void askedEnd(int value) {
        askedEnd = value;
    }

    /// Packets of a READ response placed so far.
    public int packetsReceived() {
        return packetsReceived;
    }

    public void packetsReceived(int value) {
        packetsReceived = value;
    }
}
