package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreToolTest {

    private static final String SMALL = " --size 2 --block-size 4096";

    /// How a run ended.
    private record Result(int code, String out, String err) {}

    private static Result run(String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                new StoreTool()
                        .run(
                                new PrintWriter(out, true),
                                new PrintWriter(err, true),
                                line.split(" ", -1));
        return new Result(code, out.toString(), err.toString());
    }

    private static String devices(int number) {
        return " --device rxe@127.5.%d.1 --peer rxe@127.5.%d.2".formatted(number, number);
    }

    @Test
    void shouldVerifyInOneProcessAndLeaveNothingMapped() {
        Result result =
                run("verify --device hca@127.5.1.1 --peer rxe@127.5.1.2 -n 50 --clients 2" + SMALL);
        assertThat(result.code).as(result.err).isZero();
        assertThat(result.out).endsWith("All verified." + System.lineSeparator());
    }

    @Test
    void shouldVerifyOnABadLinkWithForcedBounceAndTellJson() {
        Result result =
                run(
                        "verify --device hca@127.5.2.1 --peer rxe@127.5.2.2 -n 20 --json"
                                + " --iommu off --swiotlb force --faults drop=0.05 --seed 3"
                                + SMALL);
        assertThat(result.code).as(result.err).isZero();
        assertThat(result.out)
                .startsWith("{\"verified\":true,\"seed\":3,")
                .containsPattern("\"maps\":(\\d+),\"unmaps\":\\1,")
                .containsPattern("\"bouncedBytes\":[1-9]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " --write"})
    void shouldMeasure(String option) {
        int number = option.isEmpty() ? 3 : 4;
        Result result = run("bench -n 200" + option + devices(number) + SMALL);
        assertThat(result.code).as(result.err).isZero();
        assertThat(result.out).containsPattern("200 (reads|writes) of 4096 bytes: [1-9]");
    }

    @Test
    void shouldServeClientsOfOtherProcesses() throws Exception {
        CompletableFuture<Result> server =
                CompletableFuture.supplyAsync(
                        () ->
                                run(
                                        "serve --json --clients 1 -p 18791 --addressing virtual"
                                                + " --device rxe@127.5.5.1"
                                                + SMALL),
                        task -> Thread.ofPlatform().daemon().start(task));
        Result client = run("verify 127.0.0.1 -p 18791 -n 30 --device rxe@127.5.5.2");
        assertThat(client.code).as(client.err).isZero();
        assertThat(client.out).contains("All verified.");
        Result served = server.get();
        assertThat(served.code).as(served.err).isZero();
        assertThat(served.out).containsPattern("\"maps\":(\\d+),\"unmaps\":\\1,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serve --nonsense",
                "verify --clients 0",
                "verify -t 257",
                "verify 127.0.0.1 --iommu on",
                "bench -n 0"
            })
    void shouldRefuseACommandLineThatMakesNoSense(String line) {
        Result result = run(line);
        assertThat(result.code).isEqualTo(2);
        assertThat(result.err).contains("--help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verify --block-size 100 --device rxe@127.5.6.1 --peer rxe@127.5.6.2",
                "bench -s 100 --device rxe@127.5.7.1 --peer rxe@127.5.7.2",
                "verify --addressing sideways --device rxe@127.5.8.1 --peer rxe@127.5.8.2"
            })
    void shouldFailWithOneLineThatNamesTheReason(String line) {
        Result result = run(line);
        assertThat(result.code).isEqualTo(1);
        assertThat(result.err.lines()).hasSize(1);
        assertThat(result.err).startsWith("softverbs store: ");
    }
}
