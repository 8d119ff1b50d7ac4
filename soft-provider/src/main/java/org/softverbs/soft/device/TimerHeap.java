package org.softverbs.soft.device;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.qp.TransportEngine;

/// The deadlines of all queue pairs, earliest first. A deadline that moves out leaves its entry
/// where it is: it is looked at again when the old one is due.
final class TimerHeap {

    private QueuePairPort[] heap = new QueuePairPort[16];
    private int size;

    /// When the earliest entry is to be looked at.
    long next() {
        return size == 0 ? TransportEngine.NO_DEADLINE : heap[0].timerKey;
    }

    /// Sees to it that a queue pair is looked at by its deadline.
    void update(QueuePairPort port, long deadline) {
        if (port.timerIndex < 0) {
            if (deadline != TransportEngine.NO_DEADLINE) {
                port.timerKey = deadline;
                push(port);
            }
        } else if (deadline < port.timerKey) {
            port.timerKey = deadline;
            siftUp(port.timerIndex);
        }
    }

    /// Takes out an entry that is due, or gives null.
    @Nullable QueuePairPort pollDue(long nowNanos) {
        if (size == 0 || heap[0].timerKey > nowNanos) {
            return null;
        }
        QueuePairPort port = heap[0];
        remove(port);
        return port;
    }

    void remove(QueuePairPort port) {
        int at = port.timerIndex;
        if (at < 0) {
            return;
        }
        size--;
        port.timerIndex = -1;
        if (at != size) {
            place(heap[size], at);
            siftDown(at);
            siftUp(at);
        }
    }

    private void push(QueuePairPort port) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        place(port, size);
        size++;
        siftUp(size - 1);
    }

    private void place(QueuePairPort port, int at) {
        heap[at] = port;
        port.timerIndex = at;
    }

    private void siftUp(int from) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) / 2;
            if (heap[parent].timerKey <= heap[at].timerKey) {
                return;
            }
            swap(at, parent);
            at = parent;
        }
    }

    private void siftDown(int from) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1].timerKey < heap[child].timerKey) {
                child++;
            }
            if (heap[at].timerKey <= heap[child].timerKey) {
                return;
            }
            swap(at, child);
            at = child;
        }
    }

    private void swap(int left, int right) {
        QueuePairPort other = heap[left];
        place(heap[right], left);
        place(other, right);
    }
}
