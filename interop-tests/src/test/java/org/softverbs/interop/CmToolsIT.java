package org.softverbs.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.interop.LossyLink.Impairment;
import org.softverbs.interop.Match.Role;

/// The tools of rdma-core that connect by the connection manager, against ours, in either role.
@InteropTest
class CmToolsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// A connect that loses messages waits for seconds each time.
    private static final Duration LOSSY_PATIENCE = Duration.ofMinutes(5);

    private static final int CLIENTS = 8;
    private static final String GROUP = "239.7.7.7";

    /// A tool with the options of each end.
    ///
    /// @param stock its name in rdma-core, of the end that is passive
    /// @param passive its options
    /// @param stockActive the name of the other end
    /// @param active its options, the last of which takes the server's address
    record Pair(String stock, List<String> passive, String stockActive, List<String> active) {

        private static Pair of(String stock, String passive, String active) {
            return new Pair(stock, words(passive), stock, words(active));
        }

        private static List<String> words(String line) {
            return Arrays.stream(line.split(" ", -1)).filter(it -> !it.isEmpty()).toList();
        }
    }

    private static final Pair RPING =
            Pair.of("rping", "-s -v -C 100 -S 4096", "-c -v -C 100 -S 4096 -V -a");

    /// Fewer rounds: each packet that is lost costs a timeout of two seconds or more.
    private static final Pair LOSSY_RPING =
            Pair.of("rping", "-s -v -C 25 -S 4096", "-c -v -C 25 -S 4096 -V -a");

    private static final Pair UCMATOSE = Pair.of("ucmatose", "-c 100", "-c 100 -s");

    private static String ours(String stock) {
        return stock.replace('_', '-');
    }

    private static String[] with(String tool, List<String> options, String... last) {
        return Stream.of(Stream.of(tool), options.stream(), Arrays.stream(last))
                .flatMap(it -> it)
                .toArray(String[]::new);
    }

    private static void play(
            Pair pair, Role role, KernelGuest guest, NodeContainer node, Duration patience) {
        if (role == Role.CLIENT) {
            LabCommand server =
                    guest.start(with(pair.stock(), pair.passive()))
                            .awaitReady(ReadyWhen.listeningByManager());
            String[] options = with(pair.active().getFirst(), rest(pair), guest.address());
            LabCommand client = node.startSoftverbs(ours(pair.stockActive()), options);
            requireBoth(client, server, patience);
        } else {
            LabCommand server =
                    node.startSoftverbs(ours(pair.stock()), pair.passive().toArray(String[]::new))
                            .awaitReady(ReadyWhen.prints("listening"));
            LabCommand client =
                    guest.start(with(pair.stockActive(), pair.active(), node.address()));
            requireBoth(client, server, patience);
        }
    }

    private static List<String> rest(Pair pair) {
        return pair.active().subList(1, pair.active().size());
    }

    private static void requireBoth(LabCommand client, LabCommand server, Duration patience) {
        CommandResult first;
        try {
            first = client.await(patience);
        } catch (AssertionError e) {
            server.kill();
            throw new AssertionError(e.getMessage() + "\n" + server.await(LabHost.QUICK), e);
        }
        if (!first.succeeded()) {
            server.kill();
            throw new AssertionError(first + "\n" + server.await(LabHost.QUICK));
        }
        CommandResult second = server.await(patience);
        assertThat(second.succeeded()).as("%s%n%s", second, first).isTrue();
    }

    static Stream<Pair> pairs() {
        return Stream.of(
                RPING,
                UCMATOSE,
                Pair.of("udaddy", "", "-s"),
                new Pair("rdma_server", List.of(), "rdma_client", List.of("-s")));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void shouldServeTheKernelsTool(Pair pair, KernelGuest guest, NodeContainer node) {
        play(pair, Role.SERVER, guest, node, PATIENCE);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void shouldUseTheKernelsTool(Pair pair, KernelGuest guest, NodeContainer node) {
        play(pair, Role.CLIENT, guest, node, PATIENCE);
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void shouldPingOverALinkThatLosesAndDoubles(Role role, KernelGuest guest, NodeContainer node) {
        try (LossyLink lossy = LossyLink.both(guest, Impairment.HARSH)) {
            play(LOSSY_RPING, role, guest, node, LOSSY_PATIENCE);
            assertThat(lossy.dropped()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void shouldConnectManyOverALinkThatLosesAndDoubles(
            Role role, KernelGuest guest, NodeContainer node) {
        try (LossyLink lossy = LossyLink.both(guest, Impairment.HARSH)) {
            play(UCMATOSE, role, guest, node, LOSSY_PATIENCE);
            assertThat(lossy.dropped()).isPositive();
        }
    }

    @Test
    void shouldPingOverIpv6(KernelGuest guest, NodeContainer node) {
        String own = "rxe@[" + node.address6() + "]";
        LabCommand stockServer =
                guest.start("rping", "-s", "-C", "10", "-a", guest.address6())
                        .awaitReady(ReadyWhen.listeningByManager());
        LabCommand client =
                node.startSoftverbsAt(own, "rping", "-c", "-C", "10", "-a", guest.address6());
        requireBoth(client, stockServer, PATIENCE);
        LabCommand server =
                node.startSoftverbsAt(own, "rping", "-s", "-a", node.address6())
                        .awaitReady(ReadyWhen.prints("listening"));
        LabCommand stockClient =
                guest.start("rping", "-c", "-C", "10", "-V", "-a", node.address6());
        requireBoth(stockClient, server, PATIENCE);
    }

    @Test
    void shouldServeManyClientsOfTheKernel(KernelGuest guest, NodeContainer node) {
        LabCommand server =
                node.startSoftverbs("rping", "-s", "-P").awaitReady(ReadyWhen.prints("listening"));
        List<LabCommand> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(
                    guest.start(
                            "rping", "-c", "-C", "100", "-S", "4096", "-V", "-a", node.address()));
        }
        for (LabCommand client : clients) {
            client.await(PATIENCE).requireSuccess();
        }
        assertThat(server.isRunning()).isTrue();
        server.kill();
    }

    /// All clients are in one program of ours, as a device has its port alone; they come one after
    /// the other.
    @Test
    void shouldComeToAPersistentServerOfTheKernelAgainAndAgain(
            KernelGuest guest, NodeContainer node) {
        LabCommand server =
                guest.start("rping", "-s", "-P", "-a", guest.address(), "-S", "4096")
                        .awaitReady(ReadyWhen.listeningByManager());
        for (int i = 0; i < CLIENTS; i++) {
            node.startSoftverbs(
                            "rping", "-c", "-C", "100", "-S", "4096", "-V", "-a", guest.address())
                    .await(PATIENCE)
                    .requireSuccess();
        }
        assertThat(server.isRunning()).isTrue();
        server.kill();
    }

    /// The kernel's server of that version never ends.
    @Test
    void shouldTimeConnectsToTheKernel(KernelGuest guest, NodeContainer node) {
        LabCommand server = guest.start("cmtime").awaitReady(ReadyWhen.listeningByManager());
        CommandResult client =
                node.startSoftverbs("cmtime", "-c", "100", "-s", guest.address()).await(PATIENCE);
        client.requireSuccess();
        assertThat(client.stdout()).contains("connect      :");
        assertThat(server.isRunning()).isTrue();
        server.kill();
    }

    @Test
    void shouldHaveItsConnectsTimedByTheKernel(KernelGuest guest, NodeContainer node) {
        LabCommand server =
                node.startSoftverbs("cmtime", "-c", "100")
                        .awaitReady(ReadyWhen.prints("listening"));
        LabCommand client = guest.start("cmtime", "-c", "100", "-s", node.address());
        requireBoth(client, server, PATIENCE);
    }

    @Test
    void shouldReceiveWhatTheKernelSendsToAGroup(KernelGuest guest, NodeContainer node) {
        LabCommand member =
                node.startSoftverbs("mckey", "-m", GROUP).awaitReady(ReadyWhen.prints("joined"));
        LabCommand sender = guest.start("mckey", "-s", "-m", GROUP, "-b", guest.address());
        requireBoth(sender, member, PATIENCE);
    }

    @Test
    void shouldSendToAGroupThatTheKernelIsIn(KernelGuest guest, NodeContainer node) {
        LabCommand member =
                guest.start("mckey", "-m", GROUP, "-b", guest.address())
                        .awaitReady(ReadyWhen.inGroup(GROUP));
        LabCommand sender = node.startSoftverbs("mckey", "-s", "-m", GROUP);
        requireBoth(sender, member, PATIENCE);
    }

    /// A test of perftest.
    ///
    /// @param tool its name there
    /// @param test its name here
    /// @param options for both ends
    record Measurement(String tool, String test, List<String> options) {

        private static Measurement of(String tool, String... options) {
            return new Measurement(tool, tool.substring(3).replace('_', '-'), List.of(options));
        }
    }

    static Stream<Measurement> measurements() {
        return Stream.of(
                Measurement.of("ib_write_bw", "-R", "-n", "100", "-s", "4096"),
                Measurement.of("ib_read_bw", "-R", "-n", "100", "-s", "4096"),
                Measurement.of("ib_send_bw", "-R", "-n", "100", "-s", "4096"),
                Measurement.of("ib_send_bw", "-R", "-c", "UD", "-n", "100", "-s", "1000"),
                Measurement.of("ib_send_lat", "-R", "-c", "UD", "-n", "100", "-s", "1000"),
                Measurement.of("ib_send_lat", "-c", "UD", "-n", "100", "-s", "1000"),
                Measurement.of("ib_write_lat", "-c", "UC", "-n", "100", "-s", "5000"));
    }

    @ParameterizedTest
    @MethodSource("measurements")
    void shouldMeasureAsServer(Measurement it, KernelGuest guest, NodeContainer node) {
        measure(it, Role.SERVER, guest, node, PATIENCE);
    }

    @ParameterizedTest
    @MethodSource("measurements")
    void shouldMeasureAsClient(Measurement it, KernelGuest guest, NodeContainer node) {
        measure(it, Role.CLIENT, guest, node, PATIENCE);
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void shouldMeasureOverALinkThatLosesAndDoubles(
            Role role, KernelGuest guest, NodeContainer node) {
        try (LossyLink lossy = LossyLink.both(guest, Impairment.HARSH)) {
            Measurement write = Measurement.of("ib_write_bw", "-R", "-n", "50", "-s", "4096");
            measure(write, role, guest, node, LOSSY_PATIENCE);
            assertThat(lossy.dropped()).isPositive();
        }
    }

    private static void measure(
            Measurement it, Role role, KernelGuest guest, NodeContainer node, Duration patience) {
        boolean isManaged = it.options().contains("-R");
        String[] stock = StockTool.perftest(it.tool(), it.options().toArray(String[]::new));
        List<String> ours = new ArrayList<>(List.of(it.test()));
        ours.addAll(it.options());
        if (role == Role.CLIENT) {
            LabCommand server =
                    guest.start(stock)
                            .awaitReady(
                                    isManaged
                                            ? ReadyWhen.listeningByManager()
                                            : ReadyWhen.listening(StockTool.PORT));
            ours.add(guest.address());
            LabCommand client = node.startSoftverbs("perf", ours.toArray(String[]::new));
            requireBoth(client, server, patience);
        } else {
            LabCommand server =
                    node.startSoftverbs("perf", ours.toArray(String[]::new))
                            .awaitReady(ReadyWhen.prints("Waiting for a client"));
            LabCommand client = guest.start(with(stock[0], rest(stock), node.address()));
            requireBoth(client, server, patience);
        }
    }

    private static List<String> rest(String... words) {
        return List.of(words).subList(1, words.length);
    }

    @Test
    void shouldWriteOverIpv6(KernelGuest guest, NodeContainer node) {
        String gid = Integer.toString(KernelGuest.GID_INDEX_IPV6);
        LabCommand server =
                guest.start("ib_write_bw", "-d", KernelGuest.DEVICE, "-x", gid, "-n", "100")
                        .awaitReady(ReadyWhen.listening(StockTool.PORT));
        LabCommand client =
                node.startSoftverbsAt(
                        "rxe@[" + node.address6() + "]",
                        "perf",
                        "write-bw",
                        "-n",
                        "100",
                        guest.address());
        requireBoth(client, server, PATIENCE);
    }
}
