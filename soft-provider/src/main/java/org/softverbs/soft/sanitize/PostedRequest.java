package org.softverbs.soft.sanitize;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaSegment;
import org.softverbs.sanitizer.CallSite;

/// A request of a send or receive queue, as it was posted, and where.
///
/// Its poster fills it; from then on it is guarded by the lock of the host's sanitizer.
public final class PostedRequest {

    /// A part that a request names.
    record Element(long address, long length) {

        boolean overlaps(long other, long otherLength) {
            return RangeIndex.overlaps(address, length, other, otherLength);
        }
    }

    /// An element as the request has it.
    private record Named(int key, long address, long length) {}

    private final int queuePair;
    private final boolean isReceive;
    private final long id;
    private final boolean deviceWrites;
    private final CallSite site;
    private final List<Named> named = new ArrayList<>();
    private final List<Element> elements = new ArrayList<>();
    private final List<SentBytes> sent = new ArrayList<>();
    private boolean isOverwritable;
    private boolean isFenced;
    private boolean changesKey;
    private int changedKey;
    private KeyedRanges registered = KeyedRanges.NONE;
    private boolean isWaitingToRegister;
    private long position;
    private long sequence;
    private boolean isOrphan;

    PostedRequest(int queuePair, boolean isReceive, long id, boolean deviceWrites, CallSite site) {
        this.queuePair = queuePair;
        this.isReceive = isReceive;
        this.id = id;
        this.deviceWrites = deviceWrites;
        this.site = site;
    }

    /// Adds an element.
    public void element(long address, long length, int key) {
        named.add(new Named(key, address, length));
    }

    /// It sends bytes of the program's own memory.
    public void sends(long address, MemorySegment bytes) {
        sent.add(SentBytes.of(address, bytes));
    }

    /// Another request has, or had, the device write where this one sends from, or the other way
    /// round: it may be that which changes the bytes.
    void noteOverlap(PostedRequest other) {
        if (deviceWrites != other.deviceWrites && namesSome(other)) {
            isOverwritable = true;
            other.isOverwritable = true;
        }
    }

    private boolean namesSome(PostedRequest other) {
        return named.stream()
                .anyMatch(
                        it ->
                                other.named.stream()
                                        .anyMatch(
                                                that ->
                                                        RangeIndex.overlaps(
                                                                it.address,
                                                                it.length,
                                                                that.address,
                                                                that.length)));
    }

    /// What it sends that is not what was posted.
    Optional<SentBytes> changed() {
        return isOverwritable
                ? Optional.empty()
                : sent.stream().filter(SentBytes::isChanged).findFirst();
    }

    /// It waits for the reads before it on its queue pair.
    public void fenced() {
        isFenced = true;
    }

    /// It makes a key invalid, or binds a window to it.
    public void changesKey(int key) {
        changesKey = true;
        changedKey = key;
    }

    /// It makes a key valid.
    ///
    /// @param address of the first byte in the space of the key
    /// @param ranges addresses of the device behind it
    /// @param isLinear whether they follow one another in the space of the key
    public void registers(int key, long address, List<DmaSegment> ranges, boolean isLinear) {
        changesKey(key);
        registered = new KeyedRanges(key, address, ranges, isLinear);
        isWaitingToRegister = true;
    }

    KeyedRanges registered() {
        return registered;
    }

    /// Finds the device's addresses of the elements, when it is posted.
    void settle(long newPosition, long newSequence, RequestLedger ledger) {
        position = newPosition;
        sequence = newSequence;
        for (Named it : named) {
            elements.addAll(ledger.behind(it.key, it.address, it.length));
        }
        if (!registered.ranges().isEmpty()) {
            elements.addAll(registered.all());
        }
    }

    boolean isWaitingToRegister(int key) {
        return isWaitingToRegister && registered.key() == key;
    }

    /// It names what it registered no more: from now on those who use the key do.
    void registrationGranted() {
        isWaitingToRegister = false;
        elements.removeAll(registered.all());
    }

    boolean hasElementOf(int key) {
        return named.stream().anyMatch(it -> it.key == key);
    }

    int queuePair() {
        return queuePair;
    }

    boolean isReceive() {
        return isReceive;
    }

    boolean deviceWrites() {
        return deviceWrites;
    }

    CallSite site() {
        return site;
    }

    long position() {
        return position;
    }

    /// How many requests were posted before it, on all queues.
    long sequence() {
        return sequence;
    }

    List<Element> elements() {
        return elements;
    }

    /// Whether a mapping of it is gone.
    boolean isOrphan() {
        return isOrphan;
    }

    void orphan() {
        isOrphan = true;
    }

    boolean names(long address, long length) {
        return elements.stream().anyMatch(it -> it.overlaps(address, length));
    }

    /// Whether it uses a key, at an address if it has any.
    boolean uses(int key, long address) {
        return (changesKey && changedKey == key)
                || named.stream()
                        .anyMatch(
                                it ->
                                        it.key == key
                                                && Long.compareUnsigned(
                                                                address - it.address, it.length)
                                                        <= 0);
    }

    /// Whether both may have a buffer at the same time, though one of them is written to.
    boolean mayShareWith(PostedRequest before) {
        boolean isRegistration = changesKey || before.changesKey;
        boolean isOrdered = isFenced && before.queuePair == queuePair && !before.isReceive;
        return isRegistration || isOrdered || (!deviceWrites && !before.deviceWrites);
    }

    @Override
    public String toString() {
        return (isReceive ? "receive " : "request ")
                + id
                + " of queue pair "
                + queuePair
                + ", posted at "
                + site;
    }
}
