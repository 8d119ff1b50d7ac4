package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.softverbs.sim.PathSettings;
import org.softverbs.sim.WireModel;
import org.softverbs.sim.Workload;
import org.softverbs.sim.World;

/// Nodes that are all connected with each other and send each other requests of all kinds: while
/// things go wrong, and after.
final class RcWorkload implements Workload {

    private static final long LONGEST_GAP_NANOS = 1_000_000;
    private static final long PAGE = 4096;
    private static final int LAST_REQUESTS = 4;

    private final World world;
    private final RcProfile profile;
    private final RcSettings settings;
    private final WireModel wire;
    private final SplittableRandom random;
    private final RequestMaker maker;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private final Map<End, Connection> byEnd = new LinkedHashMap<>();
    private boolean posting = true;
    private int breaksBefore;

    RcWorkload(World world, RcProfile profile, int nodeCount) {
        this.world = world;
        this.profile = profile;
        this.random = world.newRandom("workload");
        this.settings = RcSettings.draw(random);
        this.wire = new WireModel(settings.mtu(), profile.retryLimits(settings));
        world.network().observe(wire);
        this.maker = new RequestMaker(profile, world.newRandom("requests"));
        world.network().standard(path());
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(new Node(world, profile, settings, wire));
        }
        makeEnds();
        nodes.forEach(Node::open);
        connections.forEach(Connection::connect);
    }

    /// Packets just fit, so that a path of half its MTU loses something.
    private PathSettings path() {
        return new PathSettings(
                        Duration.ofNanos(500 + random.nextInt(20_000)),
                        Duration.ofNanos(random.nextBoolean() ? 0 : random.nextInt(10_000)),
                        1_000_000_000L * (5 + random.nextInt(96)),
                        1)
                .forPathMtu(settings.mtu());
    }

    private void makeEnds() {
        long bytes = End.bytes(settings.slotBytes());
        int pairs = nodes.size() * (nodes.size() - 1) / 2 * profile.connections();
        MemorySegment memory = Arena.ofAuto().allocate(bytes * 2 * pairs, PAGE);
        long used = 0;
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                for (int k = 0; k < profile.connections(); k++) {
                    End left = new End(nodes.get(i), memory.asSlice(used, bytes), settings);
                    End right =
                            new End(nodes.get(j), memory.asSlice(used + bytes, bytes), settings);
                    used += 2 * bytes;
                    nodes.get(i).ends().add(left);
                    nodes.get(j).ends().add(right);
                    add(new Connection(world, settings, wire, random, left, right));
                }
            }
        }
    }

    private void add(Connection connection) {
        connections.add(connection);
        connection.ends().forEach(end -> byEnd.put(end, connection));
    }

    @Override
    public void start() {
        nodes.forEach(node -> world.after(gap(0), () -> turn(node, 0)));
    }

    @Override
    public void poll() {
        wire.check();
        nodes.forEach(Node::poll);
    }

    @Override
    public void heal() {
        connections.forEach(Connection::check);
        posting = false;
        nodes.forEach(Node::heal);
    }

    @Override
    public void finish() {
        require(
                breaks() == breaksBefore || nodes.getFirst().isForged(),
                "T3",
                () -> "a connection broke although nothing goes wrong any more");
        connections.forEach(Connection::check);
        connections.forEach(Connection::requireQuiet);
        nodes.forEach(Node::close);
    }

    private int breaks() {
        return connections.stream().mapToInt(Connection::breaks).sum();
    }

    @Override
    public boolean hasHadEnough() {
        for (Node node : nodes) {
            for (End end : node.ends()) {
                if (end.sends().posted() < settings.requests()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// As long as the settings let it take: nodes see each other's end of the connection, connect
    /// again, and requests wait for an answer or a receive that the chaos cost them.
    @Override
    public Duration longestRest() {
        // A forger acknowledged what did not arrive, or the queue pairs of an overrun, which nobody
        // connects again, have an address that is no more.
        boolean forged = nodes.stream().anyMatch(Node::isForged);
        boolean hopeless = forged || nodes.stream().anyMatch(Node::isOverrunDue);
        return Connection.LONGEST_RENEWAL.plus(
                settings.longestRest(LONGEST_GAP_NANOS, hopeless, forged));
    }

    @Override
    public boolean isAtRest() {
        for (Node node : nodes) {
            if (!node.isSettled()) {
                return false;
            }
        }
        for (Connection connection : connections) {
            if (!connection.isQuiet()) {
                return false;
            }
        }
        return true;
    }

    /// Nodes that wait look less and less often.
    private Duration gap(long idleTurns) {
        long mean = Math.min(settings.gapNanos() << Math.min(idleTurns, 10), LONGEST_GAP_NANOS);
        return Duration.ofNanos(1 + random.nextLong(2 * mean));
    }

    private void turn(Node node, long idleTurns) {
        long before = node.posted();
        node.takeTurn(maker, this::isOpen, posting);
        connections.forEach(Connection::look);
        long idle = node.posted() == before ? idleTurns + 1 : 0;
        world.after(gap(idle), () -> turn(node, idle));
    }

    private boolean isOpen(End end) {
        Connection connection = byEnd.get(end);
        return connection != null && connection.isOpen();
    }

    @Override
    public void postLast() {
        breaksBefore = breaks();
        for (Node node : nodes) {
            node.ends().forEach(end -> end.receives().post());
        }
        for (Node node : nodes) {
            for (End end : node.ends()) {
                for (int i = 1; i <= LAST_REQUESTS; i++) {
                    maker.post(end, i == LAST_REQUESTS, true);
                }
            }
        }
    }

    @Override
    public String toString() {
        return connections.toString();
    }
}
