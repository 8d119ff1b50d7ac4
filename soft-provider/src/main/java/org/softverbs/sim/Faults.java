package org.softverbs.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Asks the plan on each occasion, and writes down what was done.
public final class Faults {

    private final FaultPlan plan;
    private final boolean[] possible;
    private final List<Fault> done = new ArrayList<>();
    private final Map<FaultKind, Long> counts = new EnumMap<>(FaultKind.class);
    private boolean healed;

    Faults(FaultPlan plan) {
        this.plan = plan;
        FaultKind[] kinds = FaultKind.values();
        possible = new boolean[kinds.length];
        for (int i = 0; i < kinds.length; i++) {
            possible[i] = plan.has(kinds[i]);
        }
    }

    /// Decides about an occasion of a node where the fault may not be possible now: who makes it
    /// happen says so to [#happened], and only then it is written down.
    ///
    /// @return the argument, or [FaultPlan#NOTHING]
    public long consider(FaultKind kind, Place place, long occasion) {
        return consider(kind, place, occasion, null);
    }

    /// Decides about an occasion that is a packet, of which another fault may leave nothing.
    @SuppressWarnings("EnumOrdinal")
    long consider(FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode) {
        return healed || !possible[kind.ordinal()]
                ? FaultPlan.NOTHING
                : plan.decide(kind, place, occasion, opcode);
    }

    /// What was decided is done.
    public void happened(FaultKind kind, Place place, long occasion, long argument) {
        done.add(Fault.once(kind, place, occasion, argument));
        counts.merge(kind, 1L, Long::sum);
    }

    /// Decides about an occasion of a node where the fault is always possible.
    ///
    /// @return the argument, or [FaultPlan#NOTHING]
    public long decide(FaultKind kind, Place place, long occasion) {
        long argument = consider(kind, place, occasion);
        if (argument != FaultPlan.NOTHING) {
            happened(kind, place, occasion, argument);
        }
        return argument;
    }

    /// From now on nothing goes wrong.
    void heal() {
        healed = true;
    }

    /// Whether the time of faults is over.
    public boolean isHealed() {
        return healed;
    }

    /// What was done so far, as a plan that does the same again.
    public List<Fault> done() {
        return Collections.unmodifiableList(done);
    }

    /// Whether a kind was done at least once so far.
    public boolean hasHappened(FaultKind kind) {
        return counts.containsKey(kind);
    }

    /// How often each kind was done.
    public Map<FaultKind, Long> counts() {
        return Collections.unmodifiableMap(counts);
    }
}
