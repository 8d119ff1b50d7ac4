package org.softverbs.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.softverbs.verbs.DeviceResources;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what running devices count. */
@Command(
        name = "counters",
        description = {
            "Show what the devices of running programs count, by the names of Linux's rxe (as 'rdma"
                    + " statistic' does), then by ours."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class CountersCommand extends ObservingCommand {

    @Option(names = "--qp", description = "Show each queue pair, too.")
    private boolean byQueuePair;

    @Option(names = "--all", description = "Show counters that are 0, too.")
    private boolean all;

    @Override
    Map<String, Object> facts(RunningDevices.Running running) {
        Map<String, Long> own = running.bean().getCounters();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("rxe", LinuxCounters.of(own));
        facts.put("counters", own);
        Map<String, Object> queuePairs = new LinkedHashMap<>();
        for (DeviceResources.QueuePairEntry queuePair :
                running.bean().getResources().queuePairs()) {
            queuePairs.put(hexadecimal(queuePair.number()), queuePair.counters());
        }
        facts.put("queuePairs", queuePairs);
        return facts;
    }

    @Override
    void print(PrintWriter out, RunningDevices.Running running) {
        Map<String, Long> own = running.bean().getCounters();
        print(out, "  rxe:", LinuxCounters.of(own), true);
        print(out, "  softverbs:", new TreeMap<>(own), all);
        if (byQueuePair) {
            for (DeviceResources.QueuePairEntry queuePair :
                    running.bean().getResources().queuePairs()) {
                String title =
                        "  queue pair %s %s %s:"
                                .formatted(
                                        hexadecimal(queuePair.number()),
                                        queuePair.type(),
                                        queuePair.state());
                print(out, title, new TreeMap<>(queuePair.counters()), all);
            }
        }
    }

    private static void print(
            PrintWriter out, String title, Map<String, Long> counters, boolean withZeros) {
        out.println(title);
        counters.forEach(
                (name, value) -> {
                    if (withZeros || value != 0) {
                        out.printf("    %-32s %d%n", name, value);
                    }
                });
    }
}
