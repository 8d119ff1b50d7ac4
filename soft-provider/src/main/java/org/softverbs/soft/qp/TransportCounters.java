package org.softverbs.soft.qp;

/// The counters of a device; its owner's.
public final class TransportCounters {

    private final long[] values = new long[TransportCounter.values().length];

    public void add(TransportCounter counter) {
        values[counter.ordinal()]++;
    }

    public void add(TransportCounter counter, long amount) {
        values[counter.ordinal()] += amount;
    }

    public long get(TransportCounter counter) {
        return values[counter.ordinal()];
    }
}
