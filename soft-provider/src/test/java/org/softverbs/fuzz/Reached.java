package org.softverbs.fuzz;

import java.util.BitSet;

/// What runs of a target have met: pairs of what was tried and what came of it. A target that tests
/// nothing meets little.
final class Reached {

    private static final int VALUES = 64;

    private final BitSet points = new BitSet();
    private long executions;

    void mark(int area, int what, int outcome) {
        points.set((area * VALUES + what) * VALUES + outcome);
    }

    void executed() {
        executions++;
    }

    int points() {
        return points.cardinality();
    }

    long executions() {
        return executions;
    }

    @Override
    public String toString() {
        return "%,d executions, %d points".formatted(executions, points());
    }
}
