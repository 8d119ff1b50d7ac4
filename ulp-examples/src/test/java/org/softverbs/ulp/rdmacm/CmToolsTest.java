package org.softverbs.ulp.rdmacm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.cli.Softverbs;

/// The tools of the connection manager with each other, over UDP between loopback addresses.
class CmToolsTest {

    private static final String NET = "127.7.3.";

    /// How a command ended.
    private record Ended(int code, String out, String err) {}

    /// A command that runs in a thread of its own.
    private static final class Running {

        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> code = new CompletableFuture<>();
        private final Thread thread;

        Running(String line) {
            String[] words = line.split(" +", -1);
            thread =
                    Thread.ofPlatform()
                            .start(
                                    () ->
                                            code.complete(
                                                    Softverbs.run(
                                                            new PrintWriter(out, true),
                                                            new PrintWriter(err, true),
                                                            words)));
        }

        Ended await() throws Exception {
            return new Ended(code.get(60, TimeUnit.SECONDS), out.toString(), err.toString());
        }

        Running listening() {
            return saying("listening");
        }

        /// Waits until it says something.
        Running saying(String text) {
            while (!out.toString().contains(text) && !code.isDone()) {
                Thread.onSpinWait();
            }
            return this;
        }

        Ended interrupt() throws Exception {
            thread.interrupt();
            return await();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rping -s | rping -c -C 10 -S 4096 -V | 1",
                "rping -s -q | rping -c -C 10 -v | 2",
                "rping -s | rping -c -C 10 -q -V | 3",
                "ucmatose | ucmatose | 4",
                "ucmatose -c 20 -C 3 | ucmatose -c 20 -C 3 -m | 5",
                "ucmatose -m -t 32 -S 5000 | ucmatose -t 32 -S 5000 | 6",
                "ucmatose -P ib -S 0 | ucmatose -P ib -S 0 | 7",
                "udaddy | udaddy | 8",
                "udaddy -c 5 -S 1000 -C 20 | udaddy -c 5 -S 1000 -C 20 | 9",
                "cmtime -c 20 | cmtime -c 20 | 10",
                "rdma-server | rdma-client | 11"
            })
    void shouldWorkTogether(String passive, String active, int number) throws Exception {
        String own = NET + 2 * number;
        String peer = NET + (2 * number + 1);
        Running server = new Running(passive + " --device rxe@" + own).listening();
        String option = active.startsWith("rping") ? " -a " : " -s ";
        Ended client = new Running(active + option + own + " --device rxe@" + peer).await();
        Ended other = server.await();
        assertThat(client.code()).as(client.err()).isZero();
        assertThat(other.code()).as(other.err()).isZero();
    }

    @Test
    void shouldServeManyClientsUntilInterrupted() throws Exception {
        Running server = new Running("rping -s -P --device rxe@127.7.4.1").listening();
        List<Running> clients = new ArrayList<>();
        IntStream.range(0, 8)
                .mapToObj(i -> "rping -c -a 127.7.4.1 -C 5 -V --device rxe@127.7.4." + (i + 2))
                .forEach(line -> clients.add(new Running(line)));
        for (Running client : clients) {
            Ended ended = client.await();
            assertThat(ended.code()).as(ended.err()).isZero();
        }
        assertThat(server.interrupt().code()).isZero();
    }

    @Test
    void shouldReachEveryMemberOfAGroup() throws Exception {
        String group = " -m 239.7.7.7 --device rxe@127.7.4.";
        List<Running> members = new ArrayList<>();
        for (int i = 41; i < 44; i++) {
            members.add(new Running("mckey" + group + i).saying("joined"));
        }
        Ended sender = new Running("mckey -s" + group + "44").await();
        assertThat(sender.code()).as(sender.err()).isZero();
        for (Running member : members) {
            Ended ended = member.await();
            assertThat(ended.code()).as(ended.err()).isZero();
        }
    }

    @Test
    void shouldSayWhyNobodyAnswers() throws Exception {
        Running bystander = new Running("rdma-server -p 7000 --device rxe@127.7.4.21").listening();
        Ended client = new Running("rping -c -a 127.7.4.21 --device rxe@127.7.4.22").await();
        assertThat(client.code()).isEqualTo(1);
        assertThat(client.err()).contains("event REJECTED, status 8: ");
        bystander.interrupt();
    }

    @Test
    void shouldPrintOneObjectForPrograms() throws Exception {
        Running server = new Running("cmtime -c 3 --device rxe@127.7.4.31").listening();
        Ended client =
                new Running("cmtime -c 3 -s 127.7.4.31 --json --device rxe@127.7.4.32").await();
        assertThat(client.out()).startsWith("{").contains("\"connect\":{").hasLineCount(1);
        assertThat(server.await().code()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rping | either -s, a server, or -c, a client",
                "rping -c | -a: a client needs the address of its server",
                "rping -s -S 25 | -S 25 is not within 26 and 65535",
                "ucmatose -P udp | -P udp is neither tcp nor ib",
                "udaddy -c 0 | -c 0 is not within 1 and",
                "cmtime -s 127.0.0.1 -c 0 | -c 0 is not within 1 and",
                "mckey -m 10.0.0.1 | -m 10.0.0.1 is no multicast address",
                "rdma-client -p 65536 | -p 65536 is not within 1 and 65535"
            })
    void shouldRefuseOptions(String line, String why) throws Exception {
        Ended ended = new Running(line).await();
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains(why);
    }
}
