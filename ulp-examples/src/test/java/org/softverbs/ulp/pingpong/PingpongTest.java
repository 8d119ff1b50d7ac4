package org.softverbs.ulp.pingpong;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.cli.Softverbs;

/// The ping-pongs with each other, over UDP between loopback addresses.
class PingpongTest {

    /// How a command ended.
    private record Ended(int code, String out, String err) {}

    private static Ended run(String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Softverbs.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        line.split(" +", -1));
        return new Ended(code, out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "rc-pingpong -n 50 -c, 50, 18961",
        "uc-pingpong -n 50 -c, 50, 18962",
        "uc-pingpong -n 20 -s 10000, 20, 18963",
        "ud-pingpong -n 50 -s 1000 -c, 50, 18964",
        "ud-pingpong -n 50 -s 1 -e, 50, 18965",
        "srq-pingpong -n 100, 100, 18966",
        "srq-pingpong -n 100 -q 3 -r 10 -e, 100, 18967"
    })
    void shouldPlay(String line, int rounds, int port) throws Exception {
        String common = line + " -p " + port + " --device rxe@127.7.1.";
        CompletableFuture<Ended> server = CompletableFuture.supplyAsync(() -> run(common + "1"));
        Ended client = run(common + "2 127.0.0.1");
        Ended other = server.get(60, TimeUnit.SECONDS);
        assertThat(client.code()).as(client.err()).isZero();
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(client.out()).contains(rounds + " iters in ");
        assertThat(other.out()).contains(rounds + " iters in ");
    }

    @Test
    void shouldRefuseADatagramThatIsTooLong() {
        Ended ended = run("ud-pingpong -s 65536 --device rxe@127.7.1.3");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("Requested size 65536 is larger than the port MTU");
    }

    @Test
    void shouldRefuseMoreQueuePairsThanTheOriginalHas() {
        Ended ended = run("srq-pingpong -q 257");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("-q 257 is not within 1 and 256");
    }
}
