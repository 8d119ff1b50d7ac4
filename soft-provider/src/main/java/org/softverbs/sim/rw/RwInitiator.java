package org.softverbs.sim.rw;

import static org.softverbs.sim.InvariantViolation.require;

import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.rw.QueuePairDrain;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.sim.Scarce;
import org.softverbs.sim.SimulatedHost;
import org.softverbs.sim.dma.DmaChoice;
import org.softverbs.soft.device.SoftPrivilegedDevice;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.VerbsException;

/// The side that posts I/Os: kernel code on a device of some kind.
final class RwInitiator {

    static final int MOST_IOS = 4;

    private static final int ENTRIES = 1024;
    private static final long SEND_MARKER = -1;
    private static final long RECEIVE_MARKER = -2;
    private static final QueuePairCapabilities OWN = new QueuePairCapabilities(8, 8, 4, 4, 64);

    private final SimulatedHost host;
    private final SoftPrivilegedDevice device;
    private final PrivilegedDomain domain;
    private final CompletionQueue completions;
    private final ReadWriteLimits limits;
    private final int registrations;
    private final DmaStatistics before;
    private @Nullable ReadWriteQueue queue;
    private Optional<QueuePairDrain> drain = Optional.empty();

    RwInitiator(SimulatedHost host, SplittableRandom random) {
        this.host = host;
        this.device = host.openDevice(DmaChoice.draw(random));
        this.domain = Scarce.until(device::allocateProtectionDomain);
        this.completions = Scarce.until(() -> device.createCompletionQueue(ENTRIES));
        int elements = 1 + random.nextInt(4);
        this.limits =
                new ReadWriteLimits(
                        false,
                        elements,
                        elements,
                        random.nextBoolean() ? 0 : 1 + random.nextInt(4),
                        1 + random.nextInt(16),
                        1L << 31,
                        random.nextInt(3) == 0);
        // Who must register needs enough for the largest I/O; others can do without.
        int least = limits.forceRegistration() ? 1 : random.nextInt(2);
        this.registrations =
                least * 2 * limits.registrationsPerContext(RwWorkload.MOST_PAGES)
                        + random.nextInt(8);
        this.before = device.dma().statistics();
    }

    SoftPrivilegedDevice device() {
        return device;
    }

    CompletionQueue completions() {
        return completions;
    }

    ReadWriteQueue queue() {
        if (queue == null) {
            throw new IllegalStateException("not open");
        }
        return queue;
    }

    QueuePair queuePair() {
        return queue().queuePair();
    }

    /// Makes a queue pair and its pool; all of it or nothing.
    ///
    /// @throws VerbsException when the host has not what it takes
    void open() {
        QueuePair made = domain.createQueuePair(options());
        try {
            queue = new ReadWriteQueue(made, limits, registrations);
        } catch (VerbsException scarce) {
            made.close();
            throw scarce;
        }
    }

    private QueuePairOptions options() {
        int requests = limits.requestsPerContext(RwWorkload.MOST_PAGES, false);
        return QueuePairOptions.reliableConnection(
                completions, ReadWriteQueue.capabilities(OWN, requests * 2 + 8, MOST_IOS));
    }

    /// Ends the work of the queue pair.
    void beginDrain() {
        drain = Optional.of(QueuePairDrain.begin(queuePair(), SEND_MARKER, RECEIVE_MARKER));
    }

    Optional<QueuePairDrain> drain() {
        return drain;
    }

    /// Closes the queue pair, whose I/Os are all closed; the pool is whole again.
    void closeQueue() {
        ReadWriteQueue old = queue();
        int available = old.regions().available();
        int all = limits.mayRegister() ? registrations : 0;
        require(
                available == all,
                "Q7",
                () -> host.name() + ": " + available + " of " + all + " registrations came back");
        drain = Optional.empty();
        old.queuePair().close();
        old.close();
        queue = null;
    }

    void close() {
        closeQueue();
        completions.close();
        domain.close();
        DmaStatistics since = device.dma().statistics().since(before);
        require(
                since.iovaAllocations() == since.iovaFrees() && since.maps() == since.unmaps(),
                "Q7",
                () -> host.name() + ": something is left mapped: " + since);
        require(
                device.counters().getOrDefault("engine_faults", 0L) == 0,
                "S1",
                () -> host.name() + ": an engine threw");
        device.close();
    }
}
