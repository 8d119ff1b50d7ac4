package org.softverbs.sim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Faults that are written down one by one, by match and count.
public final class ListedPlan implements FaultPlan {

    /// A fault, and how many packets of its opcode there were.
    private static final class Rule {
        final Fault fault;
        final int number;
        long seen;
        boolean hasHappened;

        Rule(Fault fault, int number) {
            this.fault = fault;
            this.number = number;
        }

        boolean happens(long occasion, @Nullable RoceOpcode opcode) {
            long counted = occasion;
            if (fault.opcode() != null) {
                if (fault.opcode() != opcode) {
                    return false;
                }
                counted = ++seen;
            }
            return counted >= fault.occasion() && counted - fault.occasion() < fault.times();
        }
    }

    /// The faults of one kind at one place. Those of a single occasion, of which a plan that is
    /// shrunk has thousands, are found by it.
    private static final class Site {
        private final Map<Long, List<Rule>> single = new TreeMap<>();
        private final List<Rule> others = new ArrayList<>();

        void add(Rule rule) {
            boolean isSingle = rule.fault.opcode() == null && rule.fault.times() == 1;
            List<Rule> list =
                    isSingle
                            ? single.computeIfAbsent(
                                    rule.fault.occasion(), occasion -> new ArrayList<>())
                            : others;
            list.add(rule);
        }

        /// Of several that happen the last one listed counts.
        long decide(long occasion, @Nullable RoceOpcode opcode) {
            Rule last = null;
            for (Rule rule : single.getOrDefault(occasion, List.of())) {
                rule.hasHappened = true;
                last = rule;
            }
            for (Rule rule : others) {
                if (rule.happens(occasion, opcode)) {
                    rule.hasHappened = true;
                    last = last == null || last.number < rule.number ? rule : last;
                }
            }
            return last == null ? NOTHING : last.fault.argument();
        }
    }

    private final List<Fault> faults;
    private final List<Rule> rules = new ArrayList<>();
    private final Map<FaultKind, Map<Place, Site>> sites = new EnumMap<>(FaultKind.class);

    /// A plan of these faults; good for one world.
    public ListedPlan(List<Fault> faults) {
        this.faults = List.copyOf(faults);
        for (Fault fault : faults) {
            Rule rule = new Rule(fault, rules.size());
            rules.add(rule);
            sites.computeIfAbsent(fault.kind(), kind -> new LinkedHashMap<>())
                    .computeIfAbsent(fault.place(), place -> new Site())
                    .add(rule);
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
        return rules.stream().filter(rule -> !rule.hasHappened).map(rule -> rule.fault).toList();
    }

    @Override
    public boolean has(FaultKind kind) {
        return sites.containsKey(kind);
    }

    @Override
    public long decide(FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode) {
        Map<Place, Site> ofKind = sites.get(kind);
        Site site = ofKind == null ? null : ofKind.get(place);
        return site == null ? NOTHING : site.decide(occasion, opcode);
    }
}
