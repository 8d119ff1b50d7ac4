package org.softverbs.soft.queue;

/// A slot of a receive queue.
public final class ReceiveWqe {

    private final SgeList elements;
    private long id;

    public ReceiveWqe(int maxSge) {
        elements = new SgeList(maxSge);
    }

    public void begin(long newId) {
        id = newId;
        elements.clear();
    }

    public void copyFrom(ReceiveWqe other) {
        id = other.id;
        elements.set(other.elements);
    }

    public long id() {
        return id;
    }

    public SgeList elements() {
        return elements;
    }
}
