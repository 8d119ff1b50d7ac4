package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

/// A target with a thread of its own and clients on one device, over loopback addresses that no
/// other world has. At its end nothing is left mapped.
final class StoreWorld implements AutoCloseable {

    private static final AtomicInteger WORLDS = new AtomicInteger();
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private final PrivilegedContext targetDevice;
    private final DeviceContext clientDevice;
    final StoreTarget target;
    private final StoreService service;
    private final Thread thread;
    private final List<StoreClient> clients = new ArrayList<>();
    private volatile boolean ends;
    private volatile Throwable failure = new IllegalStateException("the thread of the target died");
    private volatile boolean failed;

    /// @param kind `rxe` or `hca`
    /// @param attachment options of the target's device
    /// @param both options of both devices
    StoreWorld(
            String kind,
            Map<String, String> attachment,
            Map<String, String> both,
            StoreSettings settings) {
        this(kind, attachment, both, settings, System::nanoTime);
    }

    /// @param clock of the target
    StoreWorld(
            String kind,
            Map<String, String> attachment,
            Map<String, String> both,
            StoreSettings settings,
            LongSupplier clock) {
        int world = WORLDS.incrementAndGet();
        Map<String, String> options = new LinkedHashMap<>(both);
        options.putAll(attachment);
        targetDevice = RdmaDevices.openPrivileged(kind + "@127.4." + world + ".1", options);
        clientDevice = RdmaDevices.open("rxe@127.4." + world + ".2", both);
        target = new StoreTarget(targetDevice, settings, clock);
        service = new StoreService(target, 0);
        thread = Thread.ofPlatform().daemon().name("target-" + world).start(this::runTarget);
    }

    private void runTarget() {
        try {
            target.run(() -> !ends);
        } catch (RuntimeException | Error e) {
            failure = e;
            failed = true;
        }
    }

    StoreClient connect(int depth) {
        StoreClient client = StoreClient.connect(clientDevice, channel(), depth);
        clients.add(client);
        return client;
    }

    /// A way to the target for a client that is none.
    SideChannel channel() {
        return SideChannel.connect("127.0.0.1", service.port());
    }

    /// The device of the clients.
    DeviceContext clientDevice() {
        return clientDevice;
    }

    void disconnect(StoreClient client) {
        clients.remove(client);
        client.close();
    }

    /// Polls a client until a command has ended.
    static int await(StoreClient client) {
        long end = System.nanoTime() + PATIENCE;
        int buffer = client.poll();
        while (buffer < 0) {
            assertThat(System.nanoTime()).as("no command ended").isLessThan(end);
            buffer = client.poll();
        }
        return buffer;
    }

    /// Looks again and again until something is so.
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    DmaStatistics dma() {
        return targetDevice.dma().statistics();
    }

    Map<String, Long> targetCounters() {
        return targetDevice.counters();
    }

    private static void assertNothingFound(Sanitizer sanitizer) {
        sanitizer.unbindAll();
        assertThat(sanitizer.reports()).isEmpty();
    }

    @Override
    public void close() {
        List.copyOf(clients).forEach(this::disconnect);
        until("clients are let go", () -> failed || target.connections() == 0);
        ends = true;
        until("the thread of the target ends", () -> !thread.isAlive());
        if (failed) {
            throw new AssertionError("the target failed", failure);
        }
        service.close();
        target.close();
        DmaStatistics done = dma();
        assertThat(done.maps()).as("mappings undone").isEqualTo(done.unmaps());
        assertThat(done.iovaAllocations()).as("IOVAs freed").isEqualTo(done.iovaFrees());
        clientDevice.close();
        targetDevice.sanitizer().ifPresent(StoreWorld::assertNothingFound);
        targetDevice.close();
    }
}
