package org.softverbs.ulp.rdmacm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How long steps took: each of them all connections together, and each connection alone.
final class StepTimes {

    /// A step. Times are as of [System#nanoTime()].
    private static final class Step {
        final String name;
        final long[] starts;
        final long[] nanos;
        final long begin = System.nanoTime();
        long end = begin;

        Step(String name, int connections) {
            this.name = name;
            starts = new long[connections];
            nanos = new long[connections];
        }

        double totalMillis() {
            return (end - begin) / 1e6;
        }

        double longestMillis() {
            long longest = 0;
            for (long one : nanos) {
                longest = Math.max(longest, one);
            }
            return longest / 1e6;
        }

        double shortestMicros() {
            long shortest = Long.MAX_VALUE;
            for (long one : nanos) {
                shortest = Math.min(shortest, one);
            }
            return shortest / 1e3;
        }

        double microsEach() {
            return (end - begin) / 1e3 / nanos.length;
        }
    }

    private final int connections;
    private final List<Step> steps = new ArrayList<>();

    StepTimes(int connections) {
        this.connections = connections;
    }

    /// The next step begins.
    void begin(String name) {
        steps.add(new Step(name, connections));
    }

    void start(int connection) {
        steps.getLast().starts[connection] = System.nanoTime();
    }

    void stop(int connection) {
        Step step = steps.getLast();
        step.end = System.nanoTime();
        step.nanos[connection] = step.end - step.starts[connection];
    }

    /// A table for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("step              total ms     max ms     min us  us / conn");
        for (Step step : steps) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%-13s: %11.2f%11.2f%11.2f%11.2f",
                            step.name,
                            step.totalMillis(),
                            step.longestMillis(),
                            step.shortestMicros(),
                            step.microsEach()));
        }
        return lines;
    }

    /// The same for programs, by step.
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (Step step : steps) {
            facts.put(
                    step.name,
                    Map.of(
                            "totalMs",
                            step.totalMillis(),
                            "maxMs",
                            step.longestMillis(),
                            "minUs",
                            step.shortestMicros(),
                            "usPerConnection",
                            step.microsEach()));
        }
        return facts;
    }
}
