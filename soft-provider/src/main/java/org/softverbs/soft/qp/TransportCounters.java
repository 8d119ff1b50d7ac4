package org.softverbs.soft.qp;

import org.softverbs.soft.jfr.FlightEvents;

/// The counters of a device; its owner's.
public final class TransportCounters {

    private final String device;
    private final long[] values = new long[TransportCounter.values().length];

    public TransportCounters() {
        this("");
    }

    /// @param device whose they are, for the flight recorder
    public TransportCounters(String device) {
        this.device = device;
    }

    public void add(TransportCounter counter) {
        values[counter.ordinal()]++;
        if (counter.isDrop()) {
            FlightEvents.packetDropped(device, counter);
        }
    }

    public void add(TransportCounter counter, long amount) {
        values[counter.ordinal()] += amount;
    }

    public long get(TransportCounter counter) {
        return values[counter.ordinal()];
    }
}
