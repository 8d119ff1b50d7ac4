package org.softverbs.ulp.perf;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.QueuePairType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `perf`: bandwidth and latency, as perftest's tools measure them, in either role.
@Command(
        name = "perf",
        description =
                "Measures bandwidth and latency as perftest does (ib_write_bw and its like);"
                        + " either end may be that tool.",
        mixinStandardHelpOptions = true)
final class Perf implements Callable<Integer> {

    private static final int PORT_MAX = 65_535;
    private static final int DEPTH_MAX = 1 << 14;
    private static final int QUEUE_PAIRS_MAX = 1 << 14;
    private static final int LINE = 64;
    private static final int LINE_MAX = 4096;
    private static final int CYCLE_MAX = 1 << 20;
    private static final int ATOMIC_SIZE = 8;
    private static final int BANDWIDTH_DEPTH = 128;
    private static final int RECEIVE_DEPTH = 512;
    private static final int DAY = 86_400;

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "TEST",
            description =
                    "send-bw, write-bw, read-bw, atomic-bw, send-lat, write-lat, read-lat or"
                            + " atomic-lat.")
    private String testName = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SERVER",
            description = "Host of the server; without it this end is the server.")
    private @Nullable String server;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            description = "Message size (default: 65536; latency: 2; atomics: 8).")
    private @Nullable Integer size;

    @Option(
            names = {"-n", "--iters"},
            paramLabel = "N",
            description = "Messages of each queue pair (default: 1000; write-bw: 5000).")
    private @Nullable Integer iterations;

    @Option(
            names = {"-D", "--duration"},
            paramLabel = "SECONDS",
            description = "Run by time instead; both ends need it.")
    private int seconds;

    @Option(
            names = {"-q", "--qp"},
            paramLabel = "N",
            description = "Queue pairs, bandwidth only (default: 1).")
    private int queuePairs = 1;

    @Option(
            names = {"-t", "--tx-depth"},
            paramLabel = "N",
            description = "Requests outstanding on a queue pair (default: 128; latency: 1).")
    private @Nullable Integer sendDepth;

    @Option(
            names = {"-r", "--rx-depth"},
            paramLabel = "N",
            description = "Receives posted on a queue pair (default: 512).")
    private int receiveDepth = RECEIVE_DEPTH;

    @Option(
            names = {"-m", "--mtu"},
            paramLabel = "MTU",
            description = "Path MTU (default: the interface's).")
    private @Nullable Integer mtu;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "TCP port (default: 18515).")
    private int port = 18_515;

    @Option(
            names = {"-a", "--all"},
            description = "Run sizes 2 to 2^23; both ends need it.")
    private boolean all;

    @Option(
            names = {"-A", "--atomic_type"},
            paramLabel = "KIND",
            description = "FETCH_AND_ADD or CMP_AND_SWAP (default: FETCH_AND_ADD).")
    private AtomicKind atomic = AtomicKind.FETCH_AND_ADD;

    @Option(
            names = {"-c", "--connection"},
            paramLabel = "RC|UC|UD",
            description = "Transport service (default: RC).")
    private QueuePairType type = QueuePairType.RC;

    @Option(
            names = {"-R", "--rdma_cm"},
            description =
                    "Connect by the connection manager, to the port -p; there is no TCP then. Both"
                            + " ends need it.")
    private boolean isManaged;

    @Option(
            names = "--check",
            description =
                    "Look at the bytes that arrive: all of them from one of our ends, else that"
                            + " messages from one place stay alike.")
    private boolean check;

    @Option(
            names = "--rw",
            description =
                    "write-bw and read-bw, client: data is in host physical memory, each message"
                            + " mapped for the device by an rdma_rw context.")
    private boolean usesContexts;

    @Override
    public Integer call() throws InterruptedException {
        PerfSettings asked = settings();
        PrintWriter out = commandSpec().commandLine().getOut();
        PerfReporter reporter = new PerfReporter(out, common.isJson(), asked);
        boolean isShown = !common.isJson() && Progress.hasTerminal();
        try (DeviceContext context = open()) {
            Mtu own = pathMtu(context);
            PerfSettings settings = fitting(asked, own);
            Progress progress = new Progress(out, isShown);
            if (isManaged) {
                try (ManagedConnections connections =
                        new ManagedConnections(
                                context,
                                managedAddress(),
                                server != null,
                                type == QueuePairType.UD)) {
                    // It listens now.
                    announce(reporter, "rdma_cm port ");
                    try (PerfExchange exchange =
                            new PerfExchange(connections.converse(), server != null)) {
                        run(settings, context, own, exchange, connections, reporter, progress);
                    }
                }
            } else {
                announce(reporter, "TCP port ");
                try (PerfExchange exchange = connect()) {
                    run(settings, context, own, exchange, null, reporter, progress);
                }
            }
            if (context instanceof PrivilegedContext privileged) {
                reporter.dma(privileged.dma().statistics());
            }
            reporter.end(context.counters());
        }
        return 0;
    }

    private void announce(PerfReporter reporter, String way) {
        if (server == null) {
            reporter.line("Waiting for a client on " + way + port + " ...");
        }
    }

    private InetSocketAddress managedAddress() {
        String host = server;
        InetSocketAddress address =
                host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new ToolException("unknown host " + host);
        }
        return address;
    }

    /// A datagram is no longer than a packet.
    private PerfSettings fitting(PerfSettings settings, Mtu own) {
        if (type != QueuePairType.UD || settings.size() <= own.bytes()) {
            return settings;
        }
        if (size != null) {
            throw usage("-s " + size + " is more than the MTU has room for: " + own.bytes());
        }
        return settings.withSize(own.bytes());
    }

    private DeviceContext open() {
        return usesContexts ? common.openPrivileged(common.providerOptions()) : common.open();
    }

    private PerfExchange connect() {
        String host = server;
        SideChannel channel =
                host != null ? SideChannel.connect(host, port) : SideChannel.accept(port);
        return new PerfExchange(new TcpConversation(channel), host != null);
    }

    private void run(
            PerfSettings settings,
            DeviceContext context,
            Mtu ownMtu,
            PerfExchange exchange,
            @Nullable ManagedConnections connections,
            PerfReporter reporter,
            Progress progress)
            throws InterruptedException {
        reporter.fact("peer", exchange.peer());
        reporter.fact("peerVersion", exchange.versions());
        int cycle = exchange.larger(BufferCycle.LENGTH, CYCLE_MAX, "cycle buffer");
        int line = exchange.larger(LINE, LINE_MAX, "cache line");
        Mtu agreed = exchange.smaller(ownMtu);
        reporter.heading(context.device().name(), agreed.bytes());
        try (PerfNode node = new PerfNode(context, settings, cycle, connections)) {
            exchange.whileWaiting(common.isPolled() ? node::poll : null);
            new PerfRun(settings, exchange, node, agreed, cycle, line, reporter, progress).run();
        }
    }

    private Mtu pathMtu(DeviceContext context) {
        Mtu most = context.queryPort(1).activeMtu();
        Integer wanted = mtu;
        if (wanted == null) {
            return most;
        }
        if (wanted > most.bytes()) {
            throw new ToolException(
                    "path MTU "
                            + wanted
                            + " is more than the interface of "
                            + context.device().name()
                            + " has room for: "
                            + most.bytes());
        }
        return Mtu.ofBytes(wanted);
    }

    private PerfSettings settings() {
        PerfTest test;
        try {
            test = PerfTest.named(testName);
            if (mtu != null) {
                Mtu.ofBytes(mtu);
            }
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
        PerfSettings settings =
                new PerfSettings(
                        test,
                        type,
                        server != null,
                        size != null ? size : test.defaultSize(),
                        iterations != null ? iterations : test.defaultIterations(),
                        seconds,
                        queuePairs,
                        sendDepth != null ? sendDepth : test.isLatency() ? 1 : BANDWIDTH_DEPTH,
                        receiveDepth,
                        all,
                        atomic,
                        check,
                        usesContexts);
        checkRanges(settings);
        checkTogether(settings);
        return settings;
    }

    private void checkRanges(PerfSettings settings) {
        check("-s", settings.size(), 1, 1 << 30);
        check("-n", settings.iterations(), 1, Integer.MAX_VALUE);
        check("-D", settings.seconds(), 0, DAY);
        check("-q", settings.queuePairs(), 1, QUEUE_PAIRS_MAX);
        check("-t", settings.sendDepth(), 1, DEPTH_MAX);
        check("-r", settings.receiveDepth(), 1, DEPTH_MAX);
        check("-p", port, 1, PORT_MAX);
    }

    private void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw usage(option + " " + value + " is not within " + min + " and " + max);
        }
    }

    private void checkTogether(PerfSettings settings) {
        if (settings.test().isLatency() && settings.queuePairs() > 1) {
            throw usage("-q is for bandwidth tests: latency is measured on one queue pair");
        }
        if (settings.all() && settings.isTimed()) {
            throw usage("-a and -D do not go together");
        }
        if (settings.isTimed() && iterations != null) {
            throw usage("-n and -D do not go together");
        }
        boolean isTransfer =
                settings.test() == PerfTest.WRITE_BW || settings.test() == PerfTest.READ_BW;
        if (usesContexts && !(isTransfer && settings.isClient())) {
            throw usage("--rw is for the client of write-bw and read-bw");
        }
        checkService(settings);
        if (settings.test().verb() != PerfVerb.ATOMIC) {
            return;
        }
        if (settings.all() || settings.size() != ATOMIC_SIZE) {
            throw usage("atomics have 8 bytes: no -s or -a");
        }
    }

    private void checkService(PerfSettings settings) {
        PerfVerb verb = settings.test().verb();
        boolean isCarried =
                switch (type) {
                    case RC -> true;
                    case UC -> verb == PerfVerb.SEND || verb == PerfVerb.WRITE;
                    case UD -> verb == PerfVerb.SEND;
                    case XRC_SEND, XRC_RECV, GSI ->
                            throw usage("-c " + type + " is not RC, UC or UD");
                };
        if (!isCarried) {
            throw usage("-c " + type + ": that service has no " + verb.title());
        }
        if (usesContexts && type != QueuePairType.RC) {
            throw usage("--rw needs -c RC");
        }
        if (type == QueuePairType.UD && settings.all()) {
            throw usage(
                    "-a has sizes that -c UD cannot send: a datagram is no longer than the MTU");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(commandSpec().commandLine(), message);
    }

    private CommandSpec commandSpec() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return present;
    }
}
