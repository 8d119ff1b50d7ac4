package org.softverbs.interop;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/// A host on a [LabNetwork] that runs commands: a kernel guest or a container with our node.
abstract sealed class LabHost implements AutoCloseable permits KernelGuest, NodeContainer {

    /// For commands that are no more than a look or a setting.
    static final Duration QUICK = Duration.ofSeconds(30);

    private static final Duration BOOT_PATIENCE = Duration.ofSeconds(150);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final String SCRIPTS_MOUNT = "/lab";
    private static final String SCRATCH_MOUNT = "/run/lab";

    private final LabNetwork network;
    private final String name;
    private final Path scratch;
    private final LabAgent agent;
    private final GenericContainer<?> container;
    private final Queue<LabCommand> started = new ConcurrentLinkedQueue<>();
    private @Nullable SocketChannel lease;
    private String address = "";

    LabHost(LabNetwork network, String name, String role) {
        this.network = network;
        this.name = name;
        this.scratch = network.scratchFor(name);
        this.agent = new LabAgent(scratch.resolve("agent.sock"));
        this.container =
                new GenericContainer<>(DockerImageName.parse(network.images().base()))
                        .withCommand(SCRIPTS_MOUNT + "/container-entrypoint", role)
                        .withCreateContainerCmdModifier(this::configure);
    }

    private void configure(CreateContainerCmd command) {
        HostConfig host = Objects.requireNonNull(command.getHostConfig());
        List<Bind> binds = new ArrayList<>();
        binds.add(readOnly(network.images().scripts(), SCRIPTS_MOUNT));
        binds.add(new Bind(scratch.toString(), new Volume(SCRATCH_MOUNT)));
        binds.addAll(mounts());
        host.withBinds(binds)
                .withNetworkMode(network.id())
                .withCapAdd(Capability.NET_ADMIN)
                .withSysctls(Map.of("net.ipv6.conf.all.disable_ipv6", "0"));
        customize(host);
        command.withHostName(name);
    }

    static Bind readOnly(Path path, String mount) {
        return new Bind(path.toString(), new Volume(mount), AccessMode.ro);
    }

    /// What else the container sees of this machine.
    abstract List<Bind> mounts();

    void customize(HostConfig host) {}

    void boot() {
        long start = System.nanoTime();
        container.start();
        try {
            awaitAgent();
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
        address = addressOf(container.getContainerInfo());
        System.out.printf("Lab: %s up in %.1f s%n", name, (System.nanoTime() - start) / 1e9);
    }

    private void awaitAgent() {
        long deadline = System.nanoTime() + BOOT_PATIENCE.toNanos();
        while (!holdLease() || !agent.answers()) {
            if (!container.isRunning() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "%s does not answer%n--- container%n%s%n--- console%n%s"
                                .formatted(name, container.getLogs(), console()));
            }
            sleep(POLL_INTERVAL);
        }
    }

    /// The container lives as long as this connection, even if the tests are killed.
    private boolean holdLease() {
        if (lease == null && Files.exists(scratch.resolve("lease.sock"))) {
            try {
                lease = LabAgent.connect(scratch.resolve("lease.sock"));
            } catch (IOException notYet) {
                return false;
            }
        }
        return lease != null;
    }

    private static String addressOf(InspectContainerResponse info) {
        return info.getNetworkSettings().getNetworks().values().stream()
                .map(it -> Objects.requireNonNullElse(it.getIpAddress(), ""))
                .filter(it -> !it.isEmpty())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no address in " + info));
    }

    private String console() {
        try {
            return Files.readString(scratch.resolve("console.log"));
        } catch (IOException none) {
            return "";
        }
    }

    LabImages images() {
        return network.images();
    }

    String name() {
        return name;
    }

    /// IPv4 address on the network.
    String address() {
        return address;
    }

    /// IPv6 address on the network.
    String address6() {
        return "fd77::" + address;
    }

    /// A folder that this host sees as [#sharedPath].
    Path share() {
        return scratch.resolve("share");
    }

    /// The shared folder as commands on this host name it.
    abstract String sharedPath();

    /// Sets the MTU of eth0: 1500 gives path MTU 1024, [LabNetwork#LINK_MTU] gives 4096.
    void mtu(int bytes) {
        exec("ip", "link", "set", "eth0", "mtu", Integer.toString(bytes)).requireSuccess();
    }

    /// Runs a short command to its end.
    CommandResult exec(String... command) {
        return start(command).await(QUICK);
    }

    /// Runs a line of shell to its end.
    CommandResult shell(String script) {
        return startShell(script).await(QUICK);
    }

    /// Starts a command and returns at once.
    LabCommand start(String... command) {
        return startShell(
                Stream.of(command)
                        .map(LabHost::quoted)
                        .collect(Collectors.joining(" ", "exec ", "")));
    }

    LabCommand startShell(String script) {
        LabCommand command = new LabCommand(this, agent, script);
        started.removeIf(it -> !it.isRunning());
        started.add(command);
        return command;
    }

    /// A word for the shell; quoted only if it needs to be, which keeps descriptions readable.
    private static String quoted(String word) {
        return word.matches("[\\w./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /// Ends what tests left running and undoes their settings.
    void reset() {
        for (LabCommand command; (command = started.poll()) != null; ) {
            command.kill();
        }
        // A host of the last test may be gone, and the next one have its address.
        exec("ip", "neighbour", "flush", "dev", "eth0").requireSuccess();
    }

    /// Captures this host's RoCE packets, both ways, into a file of the shared folder.
    PacketCapture capture(String fileName) {
        return new PacketCapture(this, captureAgent(), captureInterface(), fileName);
    }

    /// Where tcpdump runs: the guest has none, but all its packets pass the container around it.
    LabAgent captureAgent() {
        return agent;
    }

    String captureInterface() {
        return "eth0";
    }

    final LabAgent agentAt(String socket) {
        return new LabAgent(scratch.resolve(socket));
    }

    static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        container.stop();
        try {
            if (lease != null) {
                lease.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
