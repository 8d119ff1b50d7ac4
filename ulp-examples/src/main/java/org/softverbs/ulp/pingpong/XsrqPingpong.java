package org.softverbs.ulp.pingpong;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.PortGids;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `xsrq-pingpong`: as `ibv_xsrq_pingpong`, in either role.
@Command(
        name = "xsrq-pingpong",
        description =
                "Sends messages back and forth between a server and its clients over extended"
                        + " reliable connections, as ibv_xsrq_pingpong does.",
        mixinStandardHelpOptions = true)
final class XsrqPingpong implements Callable<Integer> {

    /// What an end does.
    ///
    /// @param clients peers; 1 for a client
    /// @param tests messages to each client, and from it
    /// @param size bytes of a message
    /// @param mtu path MTU
    /// @param gidIndex own GID
    /// @param serviceLevel service level
    /// @param events whether to sleep on events
    /// @param onDemand whether the buffer is registered for paging on demand
    record Settings(
            int clients,
            int tests,
            int size,
            Mtu mtu,
            int gidIndex,
            int serviceLevel,
            boolean events,
            boolean onDemand) {}

    private static final int PORT_MAX = 65_535;
    private static final int MOST_CLIENTS = 1024;

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "HOST",
            description = "Host of the server; without it this end is the server.")
    private @Nullable String server;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "TCP port (default: 18515).")
    private int port = 18_515;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            description = "Message size (default: 4096).")
    private int size = 4096;

    @Option(
            names = {"-m", "--mtu"},
            paramLabel = "MTU",
            description = "Path MTU (default: 1024).")
    private int mtu = 1024;

    @Option(
            names = {"-c", "--clients"},
            paramLabel = "N",
            description = "Number of clients, on the server only (default: 1).")
    private int clients = 1;

    @Option(
            names = {"-n", "--num_tests"},
            paramLabel = "N",
            description = "Number of tests for each client (default: 5).")
    private int tests = 5;

    @Option(
            names = {"-l", "--sl"},
            paramLabel = "SL",
            description = "Service level (default: 0).")
    private int serviceLevel;

    @Option(
            names = {"-e", "--events"},
            description = "Sleep on completion events instead of polling.")
    private boolean events;

    @Option(
            names = {"-o", "--odp"},
            description = "Use paging on demand.")
    private boolean onDemand;

    @Option(
            names = {"-g", "--gid-idx"},
            paramLabel = "INDEX",
            description = "GID table index (default: 0).")
    private int gidIndex;

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = settings();
        PrintWriter out = commandSpec().commandLine().getOut();
        try (DeviceContext context = common.open();
                XsrqNode node =
                        new XsrqNode(context, PortGids.at(context, gidIndex).gid(), settings)) {
            String host = server;
            if (host == null) {
                accept(node, out);
            } else {
                connect(node, host, port, common.isJson() ? null : out);
            }
            node.run(host == null);
            node.terminate(host == null);
            report(out, settings, context.counters());
        }
        return 0;
    }

    private void accept(XsrqNode node, PrintWriter out) {
        PrintWriter log = common.isJson() ? null : out;
        try (SideListener listener = new SideListener(port)) {
            for (int i = 0; i < node.size(); i++) {
                SideChannel client = listener.accept().orElseThrow();
                XsrqAddress peer = receive(client);
                // It is ready when the client hears of it.
                node.connect(i, peer, client);
                print(log, "remote", peer);
                client.sendString(node.address(i).toWireString());
                print(log, "local", node.address(i));
            }
        }
    }

    /// Connects a client's node.
    ///
    /// @param log null when nothing is to be printed
    static void connect(XsrqNode node, String host, int port, @Nullable PrintWriter log) {
        SideChannel channel = SideChannel.connect(host, port);
        channel.sendString(node.address(0).toWireString());
        print(log, "local", node.address(0));
        XsrqAddress peer = receive(channel);
        print(log, "remote", peer);
        node.connect(0, peer, channel);
    }

    private static XsrqAddress receive(SideChannel channel) {
        return XsrqAddress.parse(
                channel.receiveString(XsrqAddress.LENGTH, "address"), channel.peer());
    }

    private static void print(@Nullable PrintWriter out, String whose, XsrqAddress address) {
        if (out != null) {
            out.println(" ".repeat(8 - whose.length()) + whose + ": " + address);
            out.flush();
        }
    }

    private void report(PrintWriter out, Settings settings, Map<String, Long> counters) {
        if (!common.isJson()) {
            out.println("success");
            return;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("clients", settings.clients());
        values.put("tests", settings.tests());
        values.put("size", settings.size());
        values.put("counters", counters);
        JsonObject.print(out, values);
    }

    private Settings settings() {
        check("-p", port, 1, PORT_MAX);
        check("-s", size, 1, Integer.MAX_VALUE);
        check("-c", clients, 1, MOST_CLIENTS);
        check("-n", tests, 1, Integer.MAX_VALUE / MOST_CLIENTS);
        check("-l", serviceLevel, 0, 15);
        check("-g", gidIndex, 0, Integer.MAX_VALUE);
        try {
            return new Settings(
                    server == null ? clients : 1,
                    tests,
                    size,
                    Mtu.ofBytes(mtu),
                    gidIndex,
                    serviceLevel,
                    events,
                    onDemand);
        } catch (IllegalArgumentException e) {
            throw usage("-m: " + e.getMessage());
        }
    }

    private void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw usage(option + " " + value + " is not within " + min + " and " + max);
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
