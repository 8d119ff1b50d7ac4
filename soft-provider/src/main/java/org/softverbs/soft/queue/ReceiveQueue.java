package org.softverbs.soft.queue;

import java.util.concurrent.atomic.AtomicLong;

/// A bounded ring of receive requests. Posters, one at a time, add at the tail; the owner takes
/// from the head.
public final class ReceiveQueue implements ReceiveSource {

    private final int maxSge;
    private ReceiveWqe[] slots;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();

    public ReceiveQueue(int capacity, int maxSge) {
        this.maxSge = maxSge;
        slots = newSlots(capacity, maxSge);
    }

    private static ReceiveWqe[] newSlots(int capacity, int maxSge) {
        ReceiveWqe[] slots = new ReceiveWqe[capacity];
        for (int i = 0; i < capacity; i++) {
            slots[i] = new ReceiveWqe(maxSge);
        }
        return slots;
    }

    /// Changes how many requests it holds; the owner's to do.
    ///
    /// @return false, and nothing changed, when more are in it
    public synchronized boolean resize(int capacity) {
        long first = head.getPlain();
        long end = tail.getPlain();
        if (end - first > capacity) {
            return false;
        }
        ReceiveWqe[] larger = newSlots(capacity, maxSge);
        for (long at = first; at < end; at++) {
            larger[(int) (at % capacity)].copyFrom(slots[(int) (at % slots.length)]);
        }
        slots = larger;
        return true;
    }

    /// Elements of one request.
    public int maxSge() {
        return maxSge;
    }

    /// Requests in it; the owner's to ask.
    public int size() {
        return (int) (tail.getAcquire() - head.getPlain());
    }

    public synchronized int capacity() {
        return slots.length;
    }

    /// Adds a request.
    ///
    /// @return false when the queue is full
    public synchronized boolean offer(ReceiveWqe request) {
        long at = tail.getPlain();
        if (at - head.getAcquire() == slots.length) {
            return false;
        }
        slots[(int) (at % slots.length)].copyFrom(request);
        tail.setRelease(at + 1);
        return true;
    }

    /// Position behind the newest request; positions count up for ever.
    public long tail() {
        return tail.getAcquire();
    }

    /// Position of the oldest request; the owner's to move.
    public long head() {
        return head.getPlain();
    }

    /// Whether there is room for another request; its poster's to ask.
    public boolean hasRoom() {
        return tail.getPlain() - head.getAcquire() < slots.length;
    }

    @Override
    public boolean isEmpty() {
        return head.getPlain() == tail.getAcquire();
    }

    /// The oldest request, which stays in place until [#finish()].
    @Override
    public ReceiveWqe current() {
        return slots[(int) (head.getPlain() % slots.length)];
    }

    @Override
    public long position() {
        return head();
    }

    @Override
    public void finish() {
        head.setRelease(head.getPlain() + 1);
    }

    @Override
    public boolean isOwning() {
        return !isEmpty();
    }

    @Override
    public synchronized void clear() {
        head.setRelease(tail.getPlain());
    }
}
