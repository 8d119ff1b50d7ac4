package org.softverbs.ulp.perf;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.ulp.tool.JsonObject;

/// Tells what a test found: in perftest's columns while it runs, or as one JSON object at the end.
final class PerfReporter {

    private static final String RULE = "-".repeat(87);
    private static final double MICROS = 1e6;
    private static final double BITS = 8e-9 * (1 << 20);

    private final PrintWriter out;
    private final boolean isJson;
    private final PerfSettings settings;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<Map<String, Object>> results = new ArrayList<>();

    PerfReporter(PrintWriter out, boolean isJson, PerfSettings settings) {
        this.out = out;
        this.isJson = isJson;
        this.settings = settings;
        facts.put("test", settings.test().title());
        facts.put("role", settings.isClient() ? "client" : "server");
        facts.put("results", results);
    }

    /// Something about the test for the JSON object.
    void fact(String name, Object value) {
        facts.put(name, value);
    }

    void line(String text) {
        if (!isJson) {
            out.println(text);
            out.flush();
        }
    }

    void heading(String device, int mtu) {
        fact("device", device);
        fact("mtu", mtu);
        fact("queuePairs", settings.queuePairs());
        fact("sendDepth", settings.sendDepth());
        PerfTest test = settings.test();
        String title = test.verb().title();
        if (test.verb() == PerfVerb.ATOMIC) {
            fact("atomic", settings.atomic().name());
            title += " " + settings.atomic();
        }
        line(RULE);
        line("                    " + title + (test.isLatency() ? " Latency" : " BW") + " Test");
        line(
                String.format(
                        Locale.ROOT,
                        " Device: %s   QPs: %d   Mtu: %d[B]   TX depth: %d",
                        device,
                        settings.queuePairs(),
                        mtu,
                        settings.sendDepth()));
        line(" These are the numbers of a software device, not of hardware.");
        line(RULE);
    }

    void lanes(List<KeyRecord> own, List<KeyRecord> peers) {
        own.forEach(key -> line(key.toText("local", settings.test().verb())));
        peers.forEach(key -> line(key.toText("remote", settings.test().verb())));
        line(RULE);
    }

    void columns() {
        line(
                settings.test().isLatency()
                        ? " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]"
                                + "    t_avg[usec]    t_stdev[usec]   99% percentile[usec]"
                                + "   99.9% percentile[usec] "
                        : " #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]"
                                + "   MsgRate[Mpps]");
    }

    void bandwidth(BandwidthReport report) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("bytes", report.size());
        values.put("iterations", report.iterations());
        values.put("peakMiBPerSecond", report.peak());
        values.put("averageMiBPerSecond", report.average());
        values.put("averageGigabitsPerSecond", report.average() * BITS);
        values.put("messagesPerSecond", report.messageRate() * MICROS);
        results.add(values);
        line(
                String.format(
                        Locale.ROOT,
                        " %-10d %-14d %-18.2f %-20.2f %.6f",
                        report.size(),
                        report.iterations(),
                        report.peak(),
                        report.average(),
                        report.messageRate()));
    }

    void latency(LatencySamples.Figures figures) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("bytes", figures.size());
        values.put("iterations", figures.iterations());
        values.put("minMicroseconds", figures.min());
        values.put("medianMicroseconds", figures.median());
        values.put("averageMicroseconds", figures.average());
        values.put("deviationMicroseconds", figures.deviation());
        values.put("p99Microseconds", figures.p99());
        values.put("p999Microseconds", figures.p999());
        values.put("maxMicroseconds", figures.max());
        results.add(values);
        line(
                String.format(
                        Locale.ROOT,
                        " %-6d %-14d %-14.2f %-12.2f %-16.2f %-14.2f %-16.2f %-22.2f %.2f",
                        figures.size(),
                        figures.iterations(),
                        figures.min(),
                        figures.max(),
                        figures.median(),
                        figures.average(),
                        figures.deviation(),
                        figures.p99(),
                        figures.p999()));
        line(
                String.format(
                        Locale.ROOT,
                        " latency[usec]: min %.2f  median %.2f  p99 %.2f  p99.9 %.2f  max %.2f",
                        figures.min(),
                        figures.median(),
                        figures.p99(),
                        figures.p999(),
                        figures.max()));
    }

    /// How memory was described to the device, over all queue pairs.
    void strategies(List<ReadWritePart> parts) {
        Map<String, Long> counts = new TreeMap<>();
        for (ReadWritePart part : parts) {
            part.strategies()
                    .forEach((strategy, count) -> counts.merge(strategy.name(), count, Long::sum));
        }
        fact("strategies", counts);
        line(" Contexts by strategy: " + counts);
    }

    /// What the DMA layer did, when everything is undone.
    void dma(DmaStatistics done) {
        fact("maps", done.maps());
        fact("unmaps", done.unmaps());
        fact("iovaAllocations", done.iovaAllocations());
        fact("iovaFrees", done.iovaFrees());
        line(" Mappings made " + done.maps() + ", undone " + done.unmaps());
    }

    void end(Map<String, Long> counters) {
        line(RULE);
        if (isJson) {
            fact("counters", counters);
            JsonObject.print(out, facts);
        }
    }
}
