package org.softverbs.sim;

/// Something that is to happen at a time of the world; of two at one time, the one that was put in
/// first.
abstract class SimEvent implements Comparable<SimEvent> {

    long dueNanos;
    long order;

    /// Lets it happen; the clock stands at its time or later.
    abstract void happen();

    @Override
    public final int compareTo(SimEvent other) {
        int byTime = Long.compare(dueNanos, other.dueNanos);
        return byTime != 0 ? byTime : Long.compare(order, other.order);
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public final boolean equals(Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(order);
    }
}
