package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.interop.Match.Link;
import org.softverbs.interop.Match.Role;

/// `perf` against every tool of perftest on a kernel, in either role.
@InteropTest
class PerftestIT {

    private static final List<String> VERBS = List.of("send", "write", "read", "atomic");
    private static final List<Integer> SIZES = List.of(1, 3, 1024, 1025, 8192, 65_536, 1 << 20);
    private static final List<String> ATOMICS = List.of("FETCH_AND_ADD", "CMP_AND_SWAP");
    private static final int MANY = 4;
    private static final Pattern CHECKED = Pattern.compile("\"checkedBytes\":(\\d+)");

    private static final long CLEAN_BYTES = 2 << 20;
    private static final long IMPAIRED_BYTES = 512 << 10;
    private static final int MOST_MESSAGES = 200;
    private static final int FEWEST_MESSAGES = 5;

    /// One run; size 0 for an atomic, whose kind is given instead.
    record Run(
            String verb, boolean latency, int size, String atomic, int qps, Role role, Link link) {

        String tool() {
            return "ib_" + verb + (latency ? "_lat" : "_bw");
        }

        String test() {
            return verb + (latency ? "-lat" : "-bw");
        }

        boolean isAtomic() {
            return size == 0;
        }

        List<String> options() {
            long bytes = link == Link.CLEAN ? CLEAN_BYTES : IMPAIRED_BYTES;
            long messages = bytes / Math.max(1, size) / qps;
            List<String> words = new ArrayList<>(List.of("-n"));
            words.add(Long.toString(Math.clamp(messages, FEWEST_MESSAGES, MOST_MESSAGES)));
            words.addAll(
                    isAtomic() ? List.of("-A", atomic) : List.of("-s", Integer.toString(size)));
            if (!latency) {
                words.addAll(List.of("-q", Integer.toString(qps)));
            }
            return words;
        }

        /// Whether bytes come to our end that it can look at: what it reads, and what is sent to
        /// it again and again. Of a WRITE of one byte in a ping-pong the byte is its number.
        boolean isCheckable() {
            return switch (verb) {
                case "send" -> latency || role == Role.SERVER;
                case "write" -> latency && size > 1;
                default -> role == Role.CLIENT;
            };
        }
    }

    static Stream<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (Link link : Link.values()) {
            for (Role role : Role.values()) {
                for (String verb : VERBS) {
                    addRuns(runs, verb, role, link);
                }
            }
        }
        return runs.stream();
    }

    private static void addRuns(List<Run> runs, String verb, Role role, Link link) {
        if (verb.equals("atomic")) {
            for (String kind : ATOMICS) {
                runs.add(new Run(verb, true, 0, kind, 1, role, link));
                boolean isDefault = kind.equals(ATOMICS.getFirst());
                List<Integer> some = isDefault ? List.of(MANY) : List.of();
                for (int qps : Matrix.choose(some, List.of(1, MANY))) {
                    runs.add(new Run(verb, false, 0, kind, qps, role, link));
                }
            }
            return;
        }
        for (int size : Matrix.isWhole() ? SIZES : someSizes(verb, role, link)) {
            if (Matrix.isWhole()) {
                runs.add(new Run(verb, false, size, "", 1, role, link));
            }
            runs.add(new Run(verb, false, size, "", MANY, role, link));
            runs.add(new Run(verb, true, size, "", 1, role, link));
        }
    }

    /// One size for each way to run a tool, so that each size comes up.
    private static List<Integer> someSizes(String verb, Role role, Link link) {
        int index = VERBS.indexOf(verb) * 2 + role.ordinal() + link.ordinal() * 3;
        // A mebibyte takes long on a bad link.
        return List.of(SIZES.get(index % (SIZES.size() - link.ordinal())));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void shouldMeasureWithTheKernel(Run run, KernelGuest guest, NodeContainer node) {
        List<String> ours = new ArrayList<>(List.of(run.test(), "--check", "--json"));
        ours.addAll(run.options());
        Match.Outcome outcome =
                new Match(guest, node)
                        .play(
                                run.role(),
                                run.link(),
                                StockTool.perftest(
                                        run.tool(), run.options().toArray(String[]::new)),
                                "perf",
                                ours.toArray(String[]::new));
        Matcher checked = CHECKED.matcher(outcome.ours().stdout());
        assertThat(checked.find()).as(outcome.ours().stdout()).isTrue();
        if (run.isCheckable()) {
            assertThat(Long.parseLong(checked.group(1))).as("bytes checked").isPositive();
        }
    }

    /// One run of contexts over host physical memory, against a kernel that is only responder.
    record Transfer(String verb, String kind, int size, Link link) {

        String[] options() {
            long bytes = link == Link.CLEAN ? CLEAN_BYTES : IMPAIRED_BYTES;
            long messages = Math.clamp(bytes / size / 2, FEWEST_MESSAGES, MOST_MESSAGES);
            return new String[] {
                "-n", Long.toString(messages), "-s", Integer.toString(size), "-q", "2"
            };
        }
    }

    static Stream<Transfer> transfers() {
        List<Transfer> transfers = new ArrayList<>();
        for (String verb : List.of("write", "read")) {
            for (int size : Matrix.choose(List.of(65_536), SIZES)) {
                transfers.add(new Transfer(verb, "hca", size, Link.CLEAN));
                transfers.add(new Transfer(verb, "rxe", size, Link.CLEAN));
            }
            transfers.add(new Transfer(verb, "hca", 8192, Link.IMPAIRED));
        }
        return transfers.stream();
    }

    @ParameterizedTest
    @MethodSource("transfers")
    void shouldMoveHostPhysicalMemoryToAndFromTheKernel(
            Transfer transfer, KernelGuest guest, NodeContainer node) {
        List<String> ours =
                new ArrayList<>(List.of(transfer.verb() + "-bw", "--rw", "--check", "--json"));
        ours.addAll(List.of(transfer.options()));
        Match.Outcome outcome =
                new Match(guest, node, transfer.kind())
                        .play(
                                Role.CLIENT,
                                transfer.link(),
                                StockTool.perftest(
                                        "ib_" + transfer.verb() + "_bw", transfer.options()),
                                "perf",
                                ours.toArray(String[]::new));
        String out = outcome.ours().stdout();
        assertThat(out).containsPattern("\"maps\":([1-9]\\d*),\"unmaps\":\\1,");
        Matcher checked = CHECKED.matcher(out);
        assertThat(checked.find()).as(out).isTrue();
        assertThat(Long.parseLong(checked.group(1)) > 0)
                .as("bytes checked")
                .isEqualTo(transfer.verb().equals("read"));
    }
}
