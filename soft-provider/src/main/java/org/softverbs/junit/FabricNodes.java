package org.softverbs.junit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.sim.World;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.host.Host;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// The nodes of a test with a [Fabric], numbered from 1.
///
/// Its calls are for the test's thread; with the real clock the devices may be used by any.
public final class FabricNodes {

    /// How many lines of history a failure shows at most.
    public static final int LADDER_LINES = 40;

    private static final int FIRST_PSN = 1000;

    private final FabricSettings settings;
    private final FabricDriver driver;
    private final List<FabricEnd> ends = new ArrayList<>();
    private final long startNanos;

    FabricNodes(FabricSettings settings) {
        this.settings = settings;
        this.driver =
                switch (settings.clock()) {
                    case VIRTUAL -> new VirtualFabric(settings);
                    case REAL -> new RealFabric(settings);
                };
        this.startNanos = driver.clock().nanoTime();
        if (settings.watchdog().isPositive()) {
            driver.devices().forEach(device -> device.watch(settings.watchdog()));
        }
    }

    /// Where all that is random started from.
    public long seed() {
        return settings.seed();
    }

    /// How many nodes there are.
    public int size() {
        return settings.nodes();
    }

    /// The device of a node.
    ///
    /// @param node from 1
    public DeviceContext node(int node) {
        if (node < 1 || node > size()) {
            throw new IllegalArgumentException("node " + node + " is not within 1 and " + size());
        }
        return driver.devices().get(node - 1);
    }

    /// The device of a node as kernel code has it.
    ///
    /// @throws IllegalStateException when the fabric was not declared `privileged`
    public PrivilegedContext privilegedNode(int node) {
        if (node(node) instanceof PrivilegedContext privileged) {
            return privileged;
        }
        throw new IllegalStateException("the fabric needs @Fabric(privileged = true)");
    }

    /// Connects new queue pairs of two nodes, with the defaults of
    /// [QueuePairAttributes#toReadyToSend], or of
    /// [QueuePairAttributes#toReadyToSendUnreliable] where the transport has no timers.
    public FabricConnection connect(int first, int second) {
        return connect(
                first,
                second,
                switch (settings.transport()) {
                    case RC, XRC -> QueuePairAttributes.toReadyToSend(FIRST_PSN);
                    case UC, UD -> QueuePairAttributes.toReadyToSendUnreliable(FIRST_PSN);
                });
    }

    /// Connects new queue pairs of two nodes.
    ///
    /// @param readyToSend of the move to RTS, at both ends: the first PSN, and with a reliable
    ///     transport timeout and retries
    public FabricConnection connect(int first, int second, QueuePairAttributes readyToSend) {
        FabricEnd one = newEnd(first);
        FabricEnd other = newEnd(second);
        int psn = readyToSend.sendPacketSequenceNumber();
        one.readyToReceive(other, psn);
        other.readyToReceive(one, psn);
        one.readyToSend(readyToSend);
        other.readyToSend(readyToSend);
        return new FabricConnection(one, other);
    }

    private FabricEnd newEnd(int node) {
        FabricEnd end = new FabricEnd(this, node, settings.transport());
        ends.add(end);
        return end;
    }

    /// Lets the nodes go on until something holds: by the virtual clock for ten minutes, by the
    /// real one for half a minute at most.
    ///
    /// @throws AssertionError when it does not come to hold; with what each connection waits for
    public void await(BooleanSupplier condition) {
        await("the condition", condition);
    }

    void await(String what, BooleanSupplier condition) {
        if (!driver.runUntil(condition, driver.patience())) {
            StringBuilder text = new StringBuilder("waited in vain for " + what);
            for (FabricEnd end : ends) {
                if (driver.isThere(end.node())) {
                    text.append("\n  ").append(end.describe());
                }
            }
            throw new AssertionError(text.toString());
        }
    }

    /// Lets the nodes go on for so long.
    public void run(Duration duration) {
        driver.runUntil(() -> false, duration);
    }

    /// How much time has gone by since the fabric came into being.
    public Duration elapsed() {
        return Duration.ofNanos(driver.clock().nanoTime() - startNanos);
    }

    void completed(int node, WorkCompletion completion) {
        driver.completed(
                node,
                completion.workRequestId(),
                completion.workRequestId() + " " + completion.status());
    }

    Optional<World> world() {
        return driver instanceof VirtualFabric fabric
                ? Optional.of(fabric.world())
                : Optional.empty();
    }

    /// Adds the seed and what happened last to what failed.
    AssertionError explain(Throwable failure) {
        String text =
                "%s%nseed %d; run it again with -D%s=%d%n%s"
                        .formatted(
                                failure,
                                seed(),
                                FabricSettings.SEED_PROPERTY,
                                seed(),
                                driver.history());
        AssertionError explained = new AssertionError(text.stripTrailing(), failure);
        explained.setStackTrace(failure.getStackTrace());
        return explained;
    }

    /// Closes all.
    ///
    /// @return what was wrong with it
    List<String> finish() {
        List<String> wrong = new ArrayList<>();
        try {
            ends.stream()
                    .filter(end -> driver.isThere(end.node()))
                    .forEach(end -> attempt(end::close, wrong));
            for (int node = 1; node <= size(); node++) {
                if (driver.isThere(node)) {
                    finish(node, wrong);
                }
            }
        } finally {
            driver.close();
        }
        return wrong;
    }

    private void finish(int node, List<String> wrong) {
        SoftDevice device = driver.devices().get(node - 1);
        Map<String, Long> counters = device.counters();
        if (counters.getOrDefault("engine_faults", 0L) > 0) {
            wrong.add("node " + node + ": an engine had a fault of its own, see the log");
        }
        if (counters.getOrDefault("stuck_queue_pairs", 0L) > 0) {
            wrong.add(
                    "node %d: a queue pair made no progress for %d ms, see the log"
                            .formatted(node, settings.watchdog().toMillis()));
        }
        Host host = driver.hosts().get(node - 1);
        attempt(device::close, wrong);
        if (!settings.reportsExpected()) {
            host.sanitizer()
                    .map(Sanitizer.class::cast)
                    .ifPresent(
                            sanitizer -> {
                                sanitizer.unbindAll();
                                sanitizer
                                        .reports()
                                        .forEach(it -> wrong.add("node " + node + ": " + it));
                            });
        }
    }

    private static void attempt(Runnable close, List<String> wrong) {
        try {
            close.run();
        } catch (VerbsException refused) {
            wrong.add("left open: " + refused.getMessage());
        }
    }
}
