package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomainFlag;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;

/// Each verb that takes something, with each of the things it takes refused in turn.
class ScarceMemoryTest {

    private static final int MOST_THINGS = 100;
    private static final int TRIES = 20;
    private static final long GUEST = 0xffff_0a00_0001L;

    /// What is called, and how many things it takes at least.
    enum Scarce {
        PROTECTION_DOMAIN(1),
        GLOBAL_PROTECTION_DOMAIN(2),
        COMPLETION_QUEUE(1),
        COMPLETION_QUEUE_WITH_CHANNEL(1),
        QUEUE_PAIR(1),
        MEMORY_REGION(1),
        MEMORY_REGION_AT(1),
        DMA_REGION(1),
        PHYSICAL_REGION(1),
        FAST_REGION(1),
        SIGNATURE_REGION(1),
        MEMORY_WINDOW_TYPE_1(1),
        MEMORY_WINDOW_TYPE_2(1),
        MAPPING(2);

        private final int things;

        Scarce(int things) {
            this.things = things;
        }
    }

    /// What there is: it must be the same after a refusal.
    private record Counts(int regions, int windows, int queuePairs, long mappings, long iovas) {}

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(3)));
    private final DmaSettings dma =
            new DmaSettings(
                    DmaAddressing.IOVA, true, DmaSettings.PAGE, BouncePolicy.ALWAYS, Long.SIZE);
    private final SoftPrivilegedDevice device =
            SoftPrivilegedDevice.openPrivileged(
                    new RdmaDevice("scarce", 1, "in-process"),
                    host,
                    new InProcessNetwork(9000).join(new GlobalIdentifier(0, GUEST)),
                    new DeviceOwner(ProgressMode.MANUAL, () -> 0),
                    limits(),
                    DmaAttachment.of(dma, host));
    private final PrivilegedDomain domain = device.allocateProtectionDomain();
    private final CompletionQueue queue = device.createCompletionQueue(8);
    private final CompletionChannel channel = device.createCompletionChannel();
    private final MemorySegment memory = TestNode.allocate(64);
    private final PhysicalAllocation pages =
            host.physicalMemory().allocate(PhysicalMemoryRequest.scattered(3 * 4096));

    /// Room for one more of each: what a refused call kept would be missed.
    private static DeviceLimits limits() {
        return new DeviceLimits(1, 64, 8, 4096, 2, 64, 1, 2, 8, 1 << 20, 1, 16);
    }

    private Counts counts() {
        DmaStatistics statistics = device.dma().statistics();
        return device.owner()
                .call(
                        () ->
                                new Counts(
                                        device.keys().regions(),
                                        device.keys().windows(),
                                        device.engine().queuePairs().size(),
                                        statistics.maps() - statistics.unmaps(),
                                        statistics.iovaAllocations() - statistics.iovaFrees()));
    }

    /// Off-heap memory of this JVM; what other tests left may be collected meanwhile.
    private static long offHeap() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private AutoCloseable call(Scarce verb) {
        Set<AccessFlag> access = TestNode.ALL_ACCESS;
        return switch (verb) {
            case PROTECTION_DOMAIN -> device.allocateProtectionDomain();
            case GLOBAL_PROTECTION_DOMAIN ->
                    device.allocateProtectionDomain(
                            EnumSet.of(ProtectionDomainFlag.UNSAFE_GLOBAL_RKEY));
            case COMPLETION_QUEUE -> device.createCompletionQueue(64);
            case COMPLETION_QUEUE_WITH_CHANNEL -> device.createCompletionQueue(64, channel);
            case QUEUE_PAIR ->
                    domain.createQueuePair(
                            new QueuePairOptions(
                                    QueuePairType.RC,
                                    queue,
                                    queue,
                                    new QueuePairCapabilities(64, 64, 8, 8, 4096),
                                    false));
            case MEMORY_REGION -> domain.registerMemory(memory, access);
            case MEMORY_REGION_AT -> domain.registerMemoryAt(memory, 4096, access);
            case DMA_REGION -> domain.registerDma(access);
            case PHYSICAL_REGION -> domain.registerPhysical(pages, 0, access);
            case FAST_REGION -> domain.allocateFastRegion(16);
            case SIGNATURE_REGION -> domain.allocateSignatureRegion(16);
            case MEMORY_WINDOW_TYPE_1 -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
            case MEMORY_WINDOW_TYPE_2 -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
            case MAPPING -> {
                DmaMapping mapping = device.dma().map(pages, DmaDirection.BIDIRECTIONAL);
                yield mapping::close;
            }
        };
    }

    /// Refuses the k-th thing that is taken from now on.
    ///
    /// @return whether it came to that
    private Supplier<Boolean> refuse(int which) {
        int[] taken = new int[1];
        host.limitAllocations(point -> ++taken[0] != which);
        return () -> taken[0] >= which;
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveNothingWhateverIsRefused(Scarce verb) throws Exception {
        Counts before = counts();
        int refused = 0;
        for (int which = 1; ; which++) {
            assertThat(which).isLessThan(MOST_THINGS);
            Supplier<Boolean> isReached = refuse(which);
            AutoCloseable made = null;
            try {
                made = call(verb);
            } catch (VerbsException scarce) {
                assertThat(scarce.errno()).isEqualTo(Errno.ENOMEM);
            }
            assertThat(isReached.get()).as("thing %s", which).isEqualTo(made == null);
            if (made != null) {
                made.close();
                break;
            }
            refused++;
            assertThat(counts()).as("after thing %s", which).isEqualTo(before);
            refuseOften(verb, which);
            assertThat(counts()).isEqualTo(before);
        }
        assertThat(refused).isGreaterThanOrEqualTo(verb.things);
        assertThat(counts()).isEqualTo(before);
        host.limitAllocations(point -> true);
        // Whatever is left keeps its parent open.
        queue.close();
        channel.close();
        domain.close();
        device.close();
    }

    private void refuseOften(Scarce verb, int which) {
        long before = offHeap();
        for (int i = 0; i < TRIES; i++) {
            refuse(which);
            assertThatThrownBy(() -> call(verb)).isInstanceOf(VerbsException.class);
        }
        assertThat(offHeap()).isLessThanOrEqualTo(before);
    }
}
