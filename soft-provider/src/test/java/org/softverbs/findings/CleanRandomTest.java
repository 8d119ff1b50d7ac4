package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;

/// Programs that do everything right, at random, on every kind of device: none is reported.
class CleanRandomTest {

    private static final int ROUNDS = 300;
    private static final long PAGE = 4096;

    private record Live(DmaMapping mapping, PhysicalAllocation memory) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldReportNothingOfCleanPrograms(long seed) {
        for (DmaSettings settings : attachments()) {
            SplittableRandom random = new SplittableRandom(seed);
            Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(seed)));
            Sanitizer sanitizer = host.sanitize();
            DmaAttachment attachment = DmaAttachment.of(settings, host);
            List<Live> live = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                step(random, host, attachment, live);
            }
            live.forEach(CleanRandomTest::end);
            sanitizer.unbindAll();
            assertThat(sanitizer.reports()).as("seed %s, %s", seed, settings).isEmpty();
            assertThat(sanitizer.liveMappings()).isZero();
        }
    }

    private static List<DmaSettings> attachments() {
        DmaSettings direct = DmaSettings.of(DmaAddressing.IOVA);
        return List.of(
                DmaSettings.of(DmaAddressing.PHYSICAL),
                DmaSettings.of(DmaAddressing.VIRTUAL),
                direct,
                direct.withBouncePolicy(BouncePolicy.ALWAYS),
                direct.withIommu(true),
                direct.withIommu(true).withBouncePolicy(BouncePolicy.ALWAYS));
    }

    private static void step(
            SplittableRandom random, Host host, DmaAttachment attachment, List<Live> live) {
        if (live.isEmpty() || random.nextInt(4) == 0) {
            live.add(begin(random, host, attachment));
            return;
        }
        Live any = live.get(random.nextInt(live.size()));
        switch (random.nextInt(3)) {
            case 0 -> use(any, attachment);
            case 1 -> turn(any);
            default -> {
                live.remove(any);
                end(any);
            }
        }
    }

    private static Live begin(SplittableRandom random, Host host, DmaAttachment attachment) {
        long length = 1 + random.nextLong(5 * PAGE);
        PhysicalMemoryRequest request =
                random.nextBoolean()
                        ? PhysicalMemoryRequest.contiguous(length)
                        : PhysicalMemoryRequest.scattered(length);
        PhysicalAllocation memory = host.physicalMemory().allocate(request);
        memory.segment().fill((byte) random.nextInt());
        DmaDirection[] directions = DmaDirection.values();
        DmaDirection direction = directions[random.nextInt(directions.length)];
        return new Live(attachment.device().map(memory, direction), memory);
    }

    /// The device reads or writes all of it.
    private static void use(Live it, DmaAttachment attachment) {
        boolean write = it.mapping().direction().deviceWrites();
        RunList runs = new RunList();
        it.mapping()
                .forEachSegment(
                        (space, address, length) ->
                                assertThat(
                                                attachment
                                                        .memory()
                                                        .resolve(address, length, write, runs))
                                        .isEqualTo(AccessResult.GRANTED));
        if (write) {
            runs.setByteAt(runs.total() - 1, (byte) 1);
        }
    }

    /// The CPU takes it, changes it by both kinds of view, and gives it back.
    private static void turn(Live it) {
        it.mapping().syncForCpu();
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) it.memory().total()]);
        it.memory().read(0, bytes);
        it.memory().segment().fill((byte) 9);
        it.memory().write(0, bytes);
        it.mapping().syncForDevice();
    }

    private static void end(Live it) {
        it.mapping().close();
        it.memory().close();
    }
}
