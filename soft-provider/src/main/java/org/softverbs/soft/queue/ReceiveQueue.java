package org.softverbs.soft.queue;

import java.util.concurrent.atomic.AtomicLong;

/// A bounded ring of receive requests. Posters, one at a time, add at the tail; the owner takes
/// from the head.
public final class ReceiveQueue implements ReceiveSource {

    private final ReceiveWqe[] slots;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();

    public ReceiveQueue(int capacity, int maxSge) {
        slots = new ReceiveWqe[capacity];
        for (int i = 0; i < capacity; i++) {
            slots[i] = new ReceiveWqe(maxSge);
        }
    }

    public int capacity() {
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
