package org.softverbs.soft.cm;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The deadlines of all connections, earliest first: a binary heap in which each connection knows
/// its place.
final class CmTimers {

    private CmConnection[] heap = new CmConnection[16];
    private int size;

    int size() {
        return size;
    }

    long next() {
        return size == 0 ? CmConnection.NO_DEADLINE : heap[0].deadline;
    }

    /// Sets the deadline of a connection; [CmConnection#NO_DEADLINE] for none.
    void set(CmConnection connection, long deadline) {
        connection.deadline = deadline;
        if (deadline == CmConnection.NO_DEADLINE) {
            remove(connection);
        } else if (connection.timerIndex < 0) {
            push(connection);
        } else {
            siftDown(connection.timerIndex);
            siftUp(connection.timerIndex);
        }
    }

    /// Takes out a connection whose deadline has passed, or gives null.
    @Nullable CmConnection pollDue(long nowNanos) {
        if (size == 0 || heap[0].deadline > nowNanos) {
            return null;
        }
        CmConnection due = heap[0];
        remove(due);
        due.deadline = CmConnection.NO_DEADLINE;
        return due;
    }

    private void remove(CmConnection connection) {
        int at = connection.timerIndex;
        if (at < 0) {
            return;
        }
        size--;
        connection.timerIndex = -1;
        if (at != size) {
            place(heap[size], at);
            siftDown(at);
            siftUp(at);
        }
        shrink();
    }

    private void push(CmConnection connection) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        place(connection, size);
        size++;
        siftUp(size - 1);
    }

    /// Keeps no connection alive that is over.
    private void shrink() {
        if (heap.length > 16 && size < heap.length / 4) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
    }

    private void place(CmConnection connection, int at) {
        heap[at] = connection;
        connection.timerIndex = at;
    }

    private void siftUp(int from) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) / 2;
            if (heap[parent].deadline <= heap[at].deadline) {
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
            if (child + 1 < size && heap[child + 1].deadline < heap[child].deadline) {
                child++;
            }
            if (heap[at].deadline <= heap[child].deadline) {
                return;
            }
            swap(at, child);
            at = child;
        }
    }

    private void swap(int left, int right) {
        CmConnection other = heap[left];
        place(heap[right], left);
        place(other, right);
    }
}
