package org.softverbs.sim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Faults that are written down one by one, by match and count.
public final class ListedPlan implements FaultPlan {

    /// A fault, and how many packets of its opcode there were.
    private static final class Rule {
        final Fault fault;
        long seen;
        boolean hasHappened;

        Rule(Fault fault) {
            this.fault = fault;
        }

        boolean happens(Place place, long occasion, @Nullable RoceOpcode opcode) {
            if (!fault.place().equals(place)) {
                return false;
            }
            long number = occasion;
            if (fault.opcode() != null) {
                if (fault.opcode() != opcode) {
                    return false;
                }
                number = ++seen;
            }
            return number >= fault.occasion() && number - fault.occasion() < fault.times();
        }
    }

    private final List<Fault> faults;
    private final Map<FaultKind, List<Rule>> rules = new EnumMap<>(FaultKind.class);

    /// A plan of these faults; good for one world.
    public ListedPlan(List<Fault> faults) {
        this.faults = List.copyOf(faults);
        for (Fault fault : faults) {
            rules.computeIfAbsent(fault.kind(), kind -> new ArrayList<>()).add(new Rule(fault));
        }
    }

    /// Reads one fault a line; empty lines and those that start with `#` say nothing.
    ///
    /// @throws IllegalArgumentException with the number of the line that is wrong
    public static ListedPlan parse(List<String> lines) {
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                faults.add(Fault.parse(line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return new ListedPlan(faults);
    }

    public List<Fault> faults() {
        return faults;
    }

    /// Those of which no occasion came.
    public List<Fault> idle() {
        Set<Fault> met = new HashSet<>();
        for (List<Rule> ofKind : rules.values()) {
            ofKind.stream().filter(it -> it.hasHappened).forEach(it -> met.add(it.fault));
        }
        return faults.stream().filter(fault -> !met.contains(fault)).toList();
    }

    @Override
    public boolean has(FaultKind kind) {
        return rules.containsKey(kind);
    }

    @Override
    public long decide(FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode) {
        long decision = NOTHING;
        for (Rule rule : rules.getOrDefault(kind, List.of())) {
            if (rule.happens(place, occasion, opcode)) {
                decision = rule.fault.argument();
                rule.hasHappened = true;
            }
        }
        return decision;
    }
}
