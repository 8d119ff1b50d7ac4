package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;

/// One thread makes an object while another closes what it is made from: either there is the object
/// and the close is refused, or there is none. The device holds one object of each kind, so that
/// one that is left behind shows in the next round.
class CloseRaceTest {

    private static final int ROUNDS = 5000;
    private static final int DEVICES = 200;
    private static final DeviceLimits ONE_OF_EACH =
            new DeviceLimits(1, 16, 1, 0, 2, 16, 1, 1, 1, 1 << 20, 1, 1);

    private final Host host = Sanitized.local();
    private final InProcessNetwork network = new InProcessNetwork(9000);
    private final CyclicBarrier start = new CyclicBarrier(2);
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final MemorySegment memory = TestNode.allocate(64);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private SoftDevice open() {
        return SoftDevice.open(
                new RdmaDevice("test", 1, "in-process"),
                host,
                network.join(new GlobalIdentifier(0, 0xffff_0a00_0001L)),
                new DeviceOwner(ProgressMode.MANUAL, host.clock()),
                ONE_OF_EACH);
    }

    @Test
    void shouldHaveNoDomainInAClosedDevice() throws Exception {
        for (int i = 0; i < DEVICES; i++) {
            SoftDevice device = open();
            race(device::close, () -> device.allocateProtectionDomain()::close);
        }
    }

    @Test
    void shouldHaveNoCompletionQueueInAClosedDevice() throws Exception {
        for (int i = 0; i < DEVICES; i++) {
            SoftDevice device = open();
            race(device::close, () -> device.createCompletionQueue(1)::close);
        }
    }

    @Test
    void shouldHaveNoChannelInAClosedDevice() throws Exception {
        for (int i = 0; i < DEVICES; i++) {
            SoftDevice device = open();
            race(device::close, () -> device.createCompletionChannel()::close);
        }
    }

    @Test
    void shouldHaveNoCompletionQueueOnAClosedChannel() throws Exception {
        try (SoftDevice device = open()) {
            for (int i = 0; i < ROUNDS; i++) {
                CompletionChannel channel = device.createCompletionChannel();
                race(channel::close, () -> device.createCompletionQueue(1, channel)::close);
            }
        }
    }

    @Test
    void shouldHaveNoRegionInAClosedDomain() throws Exception {
        try (SoftDevice device = open()) {
            for (int i = 0; i < ROUNDS; i++) {
                ProtectionDomain domain = device.allocateProtectionDomain();
                race(
                        domain::close,
                        () -> domain.registerMemory(memory, TestNode.ALL_ACCESS)::close);
            }
            assertThat(device.keys().regions()).isZero();
            assertNothingIsMapped();
        }
    }

    @Test
    void shouldHaveNoQueuePairInAClosedDomain() throws Exception {
        try (SoftDevice device = open();
                CompletionQueue queue = device.createCompletionQueue(1)) {
            for (int i = 0; i < ROUNDS; i++) {
                ProtectionDomain domain = device.allocateProtectionDomain();
                race(domain::close, () -> queuePair(domain, queue, queue)::close);
            }
        }
    }

    @Test
    void shouldHaveNoQueuePairOnAClosedCompletionQueue() throws Exception {
        try (SoftDevice device = open();
                ProtectionDomain domain = device.allocateProtectionDomain();
                CompletionQueue sends = device.createCompletionQueue(1)) {
            for (int i = 0; i < ROUNDS; i++) {
                CompletionQueue receives = device.createCompletionQueue(1);
                race(receives::close, () -> queuePair(domain, sends, receives)::close);
            }
        }
    }

    /// Each registration had a page of its own and left one free.
    private void assertNothingIsMapped() {
        long address = 0x7000_0000_0000L + memory.address() % Host.PAGE;
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(host.userBytes(address + 2L * i * Host.PAGE, 1)).isEmpty();
        }
    }

    private static QueuePair queuePair(
            ProtectionDomain domain, CompletionQueue sends, CompletionQueue receives) {
        return domain.createQueuePair(
                new QueuePairOptions(
                        QueuePairType.RC,
                        sends,
                        receives,
                        new QueuePairCapabilities(1, 1, 1, 1, 0),
                        false));
    }

    /// @param close closes the parent
    /// @param create makes a child and gives what closes it
    private void race(Runnable close, Supplier<Runnable> create) throws Exception {
        Future<@Nullable Runnable> created = threads.submit(atOnce(() -> created(create)));
        Future<Boolean> closed = threads.submit(atOnce(() -> closed(close)));
        Runnable closeChild = created.get();
        assertThat(closed.get()).isEqualTo(closeChild == null);
        if (closeChild != null) {
            closeChild.run();
            close.run();
        }
    }

    private <T extends @Nullable Object> Callable<T> atOnce(Callable<T> action) {
        return () -> {
            start.await();
            return action.call();
        };
    }

    private static @Nullable Runnable created(Supplier<Runnable> create) {
        try {
            return create.get();
        } catch (IllegalStateException late) {
            assertThat(late).hasMessageEndingWith(" is closed");
            return null;
        }
    }

    private static boolean closed(Runnable close) {
        try {
            close.run();
            return true;
        } catch (VerbsException busy) {
            assertThat(busy.errno()).isEqualTo(Errno.EBUSY);
            return false;
        }
    }
}
