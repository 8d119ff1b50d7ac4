package org.softverbs.ulp.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every test between two of our nodes in this JVM, over loopback addresses of their own.
class PerfLoopbackTest {

    private static final AtomicInteger RUNS = new AtomicInteger();
    private static final int FIRST_PORT = 18_700;
    private static final Pattern CHECKED = Pattern.compile("\"checkedBytes\":(\\d+)");

    /// Both ends of a run.
    record Ends(Console.Result client, Console.Result server) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "send-bw -n 300 -s 1025 -q 3",
                "send-bw -n 20 -s 100000 --progress loop",
                "write-bw -n 300 -s 1025 -q 3",
                "write-bw -n 20 -s 1000000 --transport nio",
                "read-bw -n 300 -s 1025 -q 3",
                "read-bw -n 20 -s 100000 --progress loop",
                "atomic-bw -n 300 -q 3",
                "atomic-bw -n 300 -A CMP_AND_SWAP",
                "send-lat -n 200 -s 100",
                "write-lat -n 300 -s 5000",
                "read-lat -n 200 -s 5000",
                "atomic-lat -n 200",
                "atomic-lat -n 200 -A CMP_AND_SWAP",
                "send-bw -R -n 300 -s 1025 -q 3",
                "write-bw -R -n 20 -s 1000000 --progress loop",
                "read-bw -R -n 300 -s 1025 -q 3",
                "atomic-lat -R -n 200",
                "send-lat -R -n 200 -s 100",
                "write-lat -R -n 300 -s 5000",
                "send-lat -R -c UC -n 100 -s 5000",
                "write-bw -c UC -n 20 -s 5000 -t 4",
                "write-lat -c UC -n 100 -s 5000",
                "send-lat -c UC -n 100 -s 5000",
                "send-lat -c UD -n 100 -s 1000",
                "send-lat -R -c UD -n 100 -s 1000",
                "send-bw -R -c UD -n 100 -s 64 -t 4",
                "send-bw -R -c UD -n 50 -s 1000 -q 3 -t 4",
                "send-bw -c UD -n 100 -s 64 -t 4"
            })
    void shouldMeasureAndVerify(String line) throws Exception {
        Ends ends = run(line + " --check --json");
        assertThat(ends.client.out()).startsWith("{\"test\":\"").contains("\"counters\":{");
        assertThat(ends.server.out()).startsWith("{\"test\":\"").contains("\"counters\":{");
        assertThat(checkedBytes(ends.client) + checkedBytes(ends.server)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-bw", "write-lat", "read-lat"})
    void shouldRunAllSizes(String test) throws Exception {
        Ends ends = run(test + " -a -n 5");
        assertThat(ends.client.out().lines().filter(it -> it.matches(" (2|4|8388608) +5 .*")))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-bw", "write-bw", "send-lat", "write-lat"})
    void shouldRunByTime(String test) throws Exception {
        Ends ends = run(test + " -D 1");
        assertThat(ends.client.out()).containsPattern("(?m)^ #bytes.*\\R +\\d+ +[1-9]\\d* ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hca write-bw -n 100 -s 65536 -q 2 -t 16",
                "hca read-bw -n 100 -s 65536 -q 2 -t 16",
                "rxe write-bw -n 50 -s 300000 -t 8",
                "rxe read-bw -n 200 -s 1000",
                "hca write-bw -D 1 -s 8192",
                "hca read-bw -D 1 -s 8192"
            })
    void shouldMoveHostPhysicalMemoryByContextsAndUndoEveryMapping(String line) throws Exception {
        int space = line.indexOf(' ');
        String test = line.substring(space + 1) + " --check --json";
        Ends ends = run(line.substring(0, space), " --rw", test);
        assertThat(ends.client.out())
                .containsPattern("\"strategies\":\\{\"[A-Z]")
                .containsPattern("\"maps\":([1-9]\\d*),\"unmaps\":\\1,")
                .containsPattern("\"iovaAllocations\":(\\d+),\"iovaFrees\":\\1,");
        assertThat(ends.client.out().contains("\"iovaAllocations\":0"))
                .isEqualTo(line.startsWith("rxe"));
        if (!line.contains("-D")) {
            assertThat(checkedBytes(ends.client) + checkedBytes(ends.server)).isPositive();
        }
    }

    private static long checkedBytes(Console.Result result) {
        Matcher matcher = CHECKED.matcher(result.out());
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static Ends run(String line) throws Exception {
        return run("rxe", "", line);
    }

    private static Ends run(String kind, String ofClient, String line) throws Exception {
        int run = RUNS.incrementAndGet();
        String port = Integer.toString(FIRST_PORT + run);
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ", -1)));
        words.addAll(List.of("-p", port, "--device"));
        CompletableFuture<Console.Result> server =
                CompletableFuture.supplyAsync(
                        () -> Console.perf(with(words, "rxe@127.2.0." + (2 * run))),
                        task -> Thread.ofPlatform().daemon().start(task));
        // The connection manager wants the address of the device.
        String host = line.contains(" -R") ? "127.2.0." + 2 * run : "127.0.0.1";
        Console.Result client =
                Console.perf(
                        with(
                                words,
                                (kind + "@127.2.0." + (2 * run + 1) + " " + host + ofClient)
                                        .split(" ", -1)));
        assertThat(client.exitCode()).as(client.err()).isZero();
        Console.Result other = server.get();
        assertThat(other.exitCode()).as(other.err()).isZero();
        return new Ends(client, other);
    }

    private static String[] with(List<String> words, String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
