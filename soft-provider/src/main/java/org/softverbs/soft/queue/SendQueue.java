package org.softverbs.soft.queue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// A bounded ring of send requests. Posters, one at a time, add at the tail; the owner takes from
/// the head. Positions count up for ever; position modulo capacity is the slot.
public final class SendQueue {

    private final SendWqe[] slots;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();

    public SendQueue(int capacity, int maxSge, int maxInline) {
        slots = new SendWqe[capacity];
        MemorySegment inline =
                Arena.ofAuto().allocate(Math.max(1L, (long) capacity * maxInline), Long.BYTES);
        for (int i = 0; i < capacity; i++) {
            slots[i] = new SendWqe(maxSge, inline.asSlice((long) i * maxInline, maxInline));
        }
    }

    public int capacity() {
        return slots.length;
    }

    /// Adds a request.
    ///
    /// @return false when the queue is full
    public synchronized boolean offer(SendWqe request) {
        long at = tail.getPlain();
        if (at - head.getAcquire() == slots.length) {
            return false;
        }
        stage(0, request);
        publish(1);
        return true;
    }

    /// Writes a request where only its poster looks until it is published; in less than [#room()].
    ///
    /// @param ahead how many were staged before it
    public void stage(int ahead, SendWqe request) {
        slot(tail.getPlain() + ahead).copyFrom(request);
    }

    /// Adds so many requests that were staged.
    public void publish(int count) {
        tail.setRelease(tail.getPlain() + count);
    }

    /// How many more requests it takes; its poster's to ask.
    public int room() {
        return (int) (slots.length - (tail.getPlain() - head.getAcquire()));
    }

    /// Position behind the newest request.
    public long tail() {
        return tail.getAcquire();
    }

    /// Whether no request is under way.
    public boolean isEmpty() {
        return head.getPlain() == tail.getAcquire();
    }

    /// Position of the oldest request that is not completed; the owner's to move.
    public long head() {
        return head.getPlain();
    }

    /// Gives the oldest slot back.
    public void advanceHead() {
        head.setRelease(head.getPlain() + 1);
    }

    /// Forgets all requests; nothing may be posted meanwhile.
    public synchronized void clear() {
        head.setRelease(tail.getPlain());
    }

    public SendWqe slot(long position) {
        return slots[(int) (position % slots.length)];
    }
}
