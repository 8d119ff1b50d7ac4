package org.softverbs.ulp.pingpong;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.PortGids;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// A ping-pong command: what those of all services have. Either end may be the original.
abstract class Pingpong implements Callable<Integer> {

    private static final int PORT_MAX = 65_535;
    private static final int MOST_RECEIVES = 1 << 14;

    private final PingpongService service;

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "SERVER",
            description = "Host of the server; without it this end is the server.")
    private @Nullable String server;

    @Option(names = "-p", paramLabel = "PORT", description = "TCP port (default: 18515).")
    private int port = 18_515;

    @Option(names = "-s", paramLabel = "BYTES", description = "Message size (default: 4096).")
    private long size = 4096;

    @Option(names = "-n", paramLabel = "N", description = "Messages each way (default: 1000).")
    private int iterations = 1000;

    @Option(names = "-g", paramLabel = "INDEX", description = "GID table index (default: 0).")
    private int gidIndex;

    @Option(names = "-r", paramLabel = "N", description = "Receives posted (default: 500).")
    private int receiveDepth = 500;

    @Option(names = "-l", paramLabel = "SL", description = "Service level (default: 0).")
    private int serviceLevel;

    @Option(names = "-e", description = "Sleep on completion events instead of polling.")
    private boolean events;

    Pingpong(PingpongService service) {
        this.service = service;
    }

    /// The path MTU in bytes.
    int mtu() {
        return 1024;
    }

    /// Queue pairs of each end.
    int connections() {
        return 1;
    }

    /// Addresses that each end tells the other. Those beyond its queue pairs stand for none.
    int addresses() {
        return connections();
    }

    /// Whether the content of messages is checked.
    boolean isChecked() {
        return false;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        PrintWriter out = commandSpec().commandLine().getOut();
        try (DeviceContext context = common.open();
                PingpongNode node = newNode(context)) {
            List<PingpongAddress> own = node.addresses(PortGids.at(context, gidIndex));
            print(out, "  local address:  ", own);
            List<PingpongAddress> peers = exchange(node, own);
            print(out, "  remote address: ", peers.subList(0, own.size()));
            PingpongNode.Result result =
                    node.run(
                            server != null,
                            iterations,
                            isChecked() ? peers.getFirst().isOurs() : null);
            node.linger();
            report(out, result, context.counters());
        }
        return 0;
    }

    private void print(PrintWriter out, String title, List<PingpongAddress> addresses) {
        if (!common.isJson()) {
            addresses.forEach(address -> out.println(title + address));
            out.flush();
        }
    }

    private PingpongNode newNode(DeviceContext context) {
        return new PingpongNode(
                context,
                new PingpongNode.Settings(
                        service,
                        connections(),
                        size,
                        Mtu.ofBytes(mtu()),
                        gidIndex,
                        receiveDepth,
                        serviceLevel,
                        events));
    }

    private List<PingpongAddress> exchange(PingpongNode node, List<PingpongAddress> own) {
        String host = server;
        if (host != null) {
            try (SideChannel channel = SideChannel.connect(host, port)) {
                send(channel, own);
                List<PingpongAddress> peers = receive(channel);
                channel.sendString("done");
                node.connect(peers);
                return peers;
            }
        }
        try (SideChannel channel = SideChannel.accept(port)) {
            List<PingpongAddress> peers = receive(channel);
            // The client may send as soon as it has our address.
            node.connect(peers);
            send(channel, own);
            channel.receive("done\0".length(), "acknowledgement");
            return peers;
        }
    }

    private void send(SideChannel channel, List<PingpongAddress> own) {
        own.forEach(address -> channel.sendString(address.toWireString()));
        for (int i = own.size(); i < addresses(); i++) {
            channel.sendString(PingpongAddress.NONE.toWireString());
        }
    }

    private List<PingpongAddress> receive(SideChannel channel) {
        List<PingpongAddress> addresses = new ArrayList<>();
        for (int i = 0; i < addresses(); i++) {
            addresses.add(
                    PingpongAddress.parse(
                            channel.receiveString(PingpongAddress.LENGTH, "address"),
                            channel.peer()));
        }
        return List.copyOf(addresses);
    }

    private void report(PrintWriter out, PingpongNode.Result result, Map<String, Long> counters) {
        long bytes = size * iterations * 2;
        double seconds = result.nanos() / 1e9;
        double megabits = bytes * 8.0 / 1e6 / seconds;
        double microseconds = result.nanos() / 1e3 / iterations;
        if (common.isJson()) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("bytes", bytes);
            values.put("iterations", iterations);
            values.put("seconds", seconds);
            values.put("megabitsPerSecond", megabits);
            values.put("microsecondsPerIteration", microseconds);
            values.put("checked", isChecked());
            values.put("lastUnconfirmed", result.lastUnconfirmed());
            values.put("counters", counters);
            JsonObject.print(out, values);
            return;
        }
        out.printf(
                Locale.ROOT,
                "%d bytes in %.2f seconds = %.2f Mbit/sec%n",
                bytes,
                seconds,
                megabits);
        out.printf(
                Locale.ROOT,
                "%d iters in %.2f seconds = %.2f usec/iter%n",
                iterations,
                seconds,
                microseconds);
        if (result.lastUnconfirmed()) {
            out.println("The peer left before it acknowledged the last message.");
        }
    }

    private CommandSpec commandSpec() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return present;
    }

    void checkOptions() {
        check("-p", port, 1, PORT_MAX);
        check("-s", size, 1, Integer.MAX_VALUE);
        check("-n", iterations, 1, Integer.MAX_VALUE);
        check("-r", receiveDepth, 1, MOST_RECEIVES);
        check("-l", serviceLevel, 0, 15);
        check("-g", gidIndex, 0, Integer.MAX_VALUE);
        try {
            Mtu.ofBytes(mtu());
        } catch (IllegalArgumentException e) {
            throw usage("-m: " + e.getMessage());
        }
    }

    final void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw usage(option + " " + value + " is not within " + min + " and " + max);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(commandSpec().commandLine(), message);
    }
}
