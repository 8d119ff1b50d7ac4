package org.softverbs.ulp.perf;

import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;

/// One queue pair of a test with its parts of the buffer: one for what goes out (or what READs and
/// atomics bring), one for what comes in.
///
/// Belongs to the thread that runs the test.
final class PerfLane {

    /// The Q_Key that perftest has for all.
    static final int QUEUE_KEY = 0x1111_1111;

    private static final int ATOMIC_LENGTH = 8;

    private final PerfVerb verb;
    private final AtomicKind atomic;
    private final int sendDepth;
    private final QueuePair queuePair;
    private final SendCursor sends;
    private final ReceiveCursor receives;
    private final MemoryRegion region;
    private final KeyRecord own;
    private final KeyRecord peer;
    private final long outAddress;
    private final long inAddress;
    private final @Nullable ReadWritePart physical;
    private final @Nullable DatagramDestination destination;
    private final int prefix;
    private int size;
    private BufferCycle cycle = BufferCycle.fixed();

    /// @param settings the test
    /// @param queuePair connected
    /// @param region the buffer of all lanes
    /// @param out offset of the outgoing part
    /// @param in offset of the incoming part
    /// @param own what the peer knows about this lane
    /// @param peer what it told
    /// @param destination where datagrams go, of an end that sends some
    /// @param physical where outgoing data is instead; nothing for the buffer itself
    PerfLane(
            PerfSettings settings,
            QueuePair queuePair,
            MemoryRegion region,
            long out,
            long in,
            KeyRecord own,
            KeyRecord peer,
            @Nullable DatagramDestination destination,
            @Nullable ReadWritePart physical) {
        this.verb = settings.test().verb();
        this.atomic = settings.atomic();
        this.sendDepth = settings.sendDepth();
        this.queuePair = queuePair;
        this.region = region;
        this.own = own;
        this.peer = peer;
        this.destination = destination;
        this.physical = physical;
        prefix = settings.prefix();
        sends = queuePair.sendCursor();
        receives = queuePair.receiveCursor();
        outAddress = region.address() + out;
        inAddress = region.address() + in;
    }

    QueuePair queuePair() {
        return queuePair;
    }

    KeyRecord own() {
        return own;
    }

    KeyRecord peer() {
        return peer;
    }

    /// Offset in the region of what goes out, or of what READs bring.
    long outOffset() {
        return outAddress - region.address();
    }

    long inOffset() {
        return inAddress - region.address();
    }

    MemoryRegion region() {
        return region;
    }

    int size() {
        return size;
    }

    BufferCycle cycle() {
        return cycle;
    }

    /// Sets the size of the messages from here on.
    void shape(int newSize, BufferCycle newCycle) {
        size = newSize;
        cycle = newCycle;
    }

    /// Posts request number `sequence` of the operation under test.
    ///
    /// @param id for the completion
    /// @param signaled whether to give one
    /// @param more whether another follows at once
    void post(long id, long sequence, boolean signaled, boolean more) {
        long offset = cycle.offset(sequence);
        ReadWritePart transfers = physical;
        if (transfers != null) {
            transfers.post(id, offset, size, peer.address() + offset, peer.remoteKey());
            return;
        }
        switch (verb) {
            case SEND -> beginSend(id, offset);
            case WRITE ->
                    sends.rdmaWrite(id, peer.address() + offset, peer.remoteKey())
                            .element(outAddress + offset, size, region.localKey());
            case READ ->
                    sends.rdmaRead(id, peer.address() + offset, peer.remoteKey())
                            .element(outAddress + offset, size, region.localKey());
            case ATOMIC -> beginAtomic(id, sequence, offset);
        }
        if (signaled) {
            sends.signaled();
        }
        if (more) {
            sends.moreToCome();
        }
        sends.post();
    }

    /// Takes note that the oldest requests are done.
    ///
    /// @param count how many
    void complete(long count) {
        if (physical != null) {
            physical.complete(count);
        }
    }

    /// Brings what a READ left in physical memory to where it is looked at.
    void bring(long sequence) {
        if (physical != null) {
            long offset = cycle.offset(sequence);
            region.segment()
                    .asSlice(outOffset() + offset, size)
                    .copyFrom(physical.memory().segment().asSlice(offset, size));
        }
    }

    private void beginSend(long id, long offset) {
        sends.send(id);
        DatagramDestination there = destination;
        if (there != null) {
            sends.destination(there.handle(), there.queuePairNumber(), there.queueKey());
        }
        sends.element(outAddress + offset, size, region.localKey());
    }

    private void beginAtomic(long id, long sequence, long offset) {
        long address = peer.address() + offset;
        switch (atomic) {
            case FETCH_AND_ADD ->
                    sends.fetchAndAdd(id, address, peer.remoteKey(), ArrivalCheck.ADDEND);
            case CMP_AND_SWAP -> {
                long round = sequence / cycle.slots();
                sends.compareAndSwap(id, address, peer.remoteKey(), round, round + 1);
            }
        }
        sends.element(outAddress + resultOffset(sequence), ATOMIC_LENGTH, region.localKey());
    }

    /// Where in the outgoing part an atomic's old value is put: each outstanding one has its own.
    long resultOffset(long sequence) {
        return sequence % sendDepth * ATOMIC_LENGTH;
    }

    /// Posts the receive for message number `sequence`.
    void postReceive(long id, long sequence) {
        receives.receive(id)
                .element(
                        inAddress + cycle.offset(sequence) - prefix,
                        prefix + size,
                        region.localKey())
                .post();
    }

    /// Bytes of a message that a receive brought.
    long messageLength(long received) {
        return received - prefix;
    }
}
