package org.softverbs.ulp.pingpong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.cli.Softverbs;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.RdmaDevices;

/// `xsrq-pingpong` with itself, over UDP between loopback addresses: a server and its clients.
class XsrqPingpongTest {

    /// How a command ended.
    private record Ended(int code, String out, String err) {}

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

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

    private Future<Ended> start(String line) {
        return threads.submit(() -> run("xsrq-pingpong " + line));
    }

    @ParameterizedTest
    @CsvSource({
        "-n 20, 1, 18971",
        "-n 20 -s 10000 -m 2048, 2, 18972",
        "--num_tests 10 -e --odp, 3, 18973",
        "-n 1 -s 1, 4, 18974"
    })
    void shouldPlayWithItsClients(String line, int clients, int port) throws Exception {
        String common = line + " -p " + port + " --device rxe@127.7.3.";
        Future<Ended> server = start(common + "1 -c " + clients);
        List<Future<Ended>> started = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            started.add(start(common + (i + 2) + " 127.0.0.1"));
        }
        for (Future<Ended> client : started) {
            Ended ended = client.get(60, TimeUnit.SECONDS);
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.out().lines().toList())
                    .satisfiesExactly(
                            it -> assertThat(it).matches(" {3}local: " + ADDRESS),
                            it -> assertThat(it).matches(" {2}remote: " + ADDRESS),
                            it -> assertThat(it).isEqualTo("success"));
        }
        Ended ended = server.get(60, TimeUnit.SECONDS);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines()).hasSize(2 * clients + 1).endsWith("success");
    }

    private static final String ADDRESS =
            "LID 0000, QPN RECV \\p{XDigit}{6} SEND \\p{XDigit}{6}, PSN \\p{XDigit}{6},"
                    + " SRQN \\p{XDigit}{6}, GID [0-9a-f:.]+";

    @Test
    void shouldTakeTurnsWithTheTargetsOfClientsThatShareADomain() throws Exception {
        int clients = 3;
        int tests = 30;
        Future<Ended> server = start("-c 3 -n 30 -p 18975 --json --device rxe@127.7.3.11");
        try (DeviceContext shared = RdmaDevices.open("rxe@127.7.3.12", Map.of())) {
            XsrqPingpong.Settings settings =
                    new XsrqPingpong.Settings(1, tests, 4096, Mtu.MTU_1024, 0, 0, false, false);
            GlobalIdentifier gid = shared.gidTable(1).getFirst().gid();
            List<Future<Void>> started = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                started.add(threads.submit(client(shared, gid, settings)));
            }
            for (Future<Void> client : started) {
                client.get(60, TimeUnit.SECONDS);
            }
            assertThat(shared.counters().get("completed_receives"))
                    .isEqualTo((long) clients * tests);
        }
        Ended ended = server.get(60, TimeUnit.SECONDS);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("\"clients\"").contains("\"counters\"");
    }

    private static Callable<Void> client(
            DeviceContext shared, GlobalIdentifier gid, XsrqPingpong.Settings settings) {
        return () -> {
            try (XsrqNode node = new XsrqNode(shared, gid, settings)) {
                XsrqPingpong.connect(node, "127.0.0.1", 18_975, null);
                node.run(false);
                node.terminate(false);
            }
            return null;
        };
    }

    @Test
    void shouldSpeakTheWordsOfTheOriginal() {
        XsrqAddress address =
                new XsrqAddress(
                        0x11,
                        0xabcdef,
                        0x123456,
                        7,
                        GlobalIdentifier.ofBytes(
                                new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1}));
        String text = "0000:000011:abcdef:123456:000007:00000000000000000000ffff0a000001";
        assertThat(address.toWireString()).isEqualTo(text).hasSize(XsrqAddress.LENGTH - 1);
        assertThat(XsrqAddress.parse(text, "peer")).isEqualTo(address);
        assertThatThrownBy(() -> XsrqAddress.parse("0000:000011\n", "peer"))
                .isInstanceOf(ToolException.class)
                .hasMessage("peer is no xsrq-pingpong: it sent '0000:000011?' for an address");
    }

    @ParameterizedTest
    @CsvSource({"false, 18977", "true, 18978"})
    void shouldNotWaitForEverForAPeerThatDoesNotEnd(boolean events, int port) throws Exception {
        XsrqPingpong.Settings settings =
                new XsrqPingpong.Settings(1, 1, 64, Mtu.MTU_1024, 0, 0, events, false);
        Future<SideChannel> accepted = threads.submit(() -> SideChannel.accept(port));
        try (DeviceContext context = RdmaDevices.open("rxe@127.7.3.31");
                XsrqNode node =
                        new XsrqNode(
                                context,
                                context.gidTable(1).getFirst().gid(),
                                settings,
                                Duration.ofMillis(300));
                SideChannel toPeer = SideChannel.connect("127.0.0.1", port);
                SideChannel silent = accepted.get(60, TimeUnit.SECONDS)) {
            node.connect(0, node.address(0), toPeer);
            assertThatThrownBy(() -> node.terminate(false))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining("did not send its termination ack in time");
            assertThat(silent.receiveString(4, "end")).isEqualTo("END");
        }
    }

    @Test
    void shouldFailWhenAClientLeaves() throws Exception {
        Future<Ended> server = start("-p 18976 --device rxe@127.7.3.21");
        try (var socket = SideChannel.connect("127.0.0.1", 18_976)) {
            socket.sendString("hello");
        }
        Ended ended = server.get(60, TimeUnit.SECONDS);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("closed the connection before it sent its address");
    }

    @ParameterizedTest
    @CsvSource({
        "-c 0, -c 0 is not within 1 and 1024",
        "-n 0, -n 0 is not within 1",
        "-s 0, -s 0 is not within 1",
        "-m 1000, -m:",
        "-p 65536, -p 65536 is not within 1 and 65535"
    })
    void shouldRefuseWhatIsOutOfRange(String option, String reason) {
        Ended ended = run("xsrq-pingpong " + option);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains(reason);
    }

    @Test
    void shouldExplainItself() {
        Ended ended = run("xsrq-pingpong --help");
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("--num_tests", "--clients", "--odp", "--gid-idx");
    }
}
