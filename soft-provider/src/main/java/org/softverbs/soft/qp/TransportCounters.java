package org.softverbs.soft.qp;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;

/// The counters of a device; its owner's.
public final class TransportCounters {

    private final String device;
    private final long[] values = new long[TransportCounter.values().length];

    private @Nullable DeviceWitness witness;

    public TransportCounters() {
        this("");
    }

    /// @param device whose they are, for the flight recorder
    public TransportCounters(String device) {
        this.device = device;
    }

    /// Has somebody told of packets that are dropped.
    public void observe(DeviceWitness who) {
        witness = who;
    }

    public void add(TransportCounter counter) {
        values[counter.ordinal()]++;
        if (counter.isDrop()) {
            FlightEvents.packetDropped(device, counter);
            if (witness != null) {
                witness.dropped(counter);
            }
        }
    }

    public void add(TransportCounter counter, long amount) {
        values[counter.ordinal()] += amount;
    }

    public long get(TransportCounter counter) {
        return values[counter.ordinal()];
    }
}
