package org.softverbs.soft.cm;

import java.util.LinkedHashMap;
import java.util.Map;

/// The counters of an engine; its owner's.
public final class CmCounters {

    private final long[] values = new long[CmCounter.values().length];

    CmCounters() {}

    void add(CmCounter counter) {
        values[counter.ordinal()]++;
    }

    public long get(CmCounter counter) {
        return values[counter.ordinal()];
    }

    /// All of them by the name in a report.
    public Map<String, Long> byName() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (CmCounter counter : CmCounter.values()) {
            map.put(counter.reportName(), get(counter));
        }
        return map;
    }
}
