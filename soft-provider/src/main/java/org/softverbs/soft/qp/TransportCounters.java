package org.softverbs.soft.qp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;

/// The counters of a device, or of one of its queue pairs; for the owner of the device.
public final class TransportCounters {

    private final String device;
    private final long[] values = new long[TransportCounter.values().length];

    private final @Nullable TransportCounters whole;
    private @Nullable DeviceWitness witness;

    public TransportCounters() {
        this("");
    }

    /// @param device whose they are, for the flight recorder
    public TransportCounters(String device) {
        this.device = device;
        whole = null;
    }

    /// Those of a queue pair, which count for its device as well.
    public TransportCounters(TransportCounters whole) {
        this.device = whole.device;
        this.whole = whole;
    }

    /// Has somebody told of packets that are dropped.
    public void observe(DeviceWitness who) {
        witness = who;
    }

    public void add(TransportCounter counter) {
        values[counter.ordinal()]++;
        if (whole != null) {
            whole.add(counter);
        } else if (counter.isDrop()) {
            FlightEvents.packetDropped(device, counter);
            if (witness != null) {
                witness.dropped(counter);
            }
        }
    }

    public void add(TransportCounter counter, long amount) {
        values[counter.ordinal()] += amount;
        if (whole != null) {
            whole.add(counter, amount);
        }
    }

    public long get(TransportCounter counter) {
        return values[counter.ordinal()];
    }

    /// All of them by the names of a report.
    public Map<String, Long> toMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (TransportCounter counter : TransportCounter.values()) {
            map.put(counter.reportName(), get(counter));
        }
        return map;
    }
}
