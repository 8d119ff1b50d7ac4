package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.rw.ReadWriteStrategy;

/// The same store over every attachment of the target's device, with and without harm on the way.
class BlockStoreTest {

    private static final StoreGeometry GEOMETRY = new StoreGeometry(512, 8192);
    private static final Map<String, String> HARM =
            Map.of("faults", "drop=0.05,duplicate=0.02,reorder=0.05", "seed", "7");

    /// How a device is attached, and the strategies that the target comes to use there.
    record Attachment(String kind, Map<String, String> options, Set<ReadWriteStrategy> strategies) {
        @Override
        public String toString() {
            return kind + " " + options;
        }
    }

    static Stream<Attachment> attachments() {
        Set<ReadWriteStrategy> listed = Set.of(ReadWriteStrategy.SINGLE, ReadWriteStrategy.MULTI);
        Set<ReadWriteStrategy> ranges = Set.of(ReadWriteStrategy.SINGLE, ReadWriteStrategy.IOVA);
        return Stream.of(
                new Attachment("rxe", Map.of("addressing", "physical"), listed),
                new Attachment("rxe", Map.of("addressing", "virtual"), listed),
                new Attachment("rxe", Map.of("addressing", "iova"), listed),
                new Attachment("hca", Map.of("iommu", "on"), ranges),
                new Attachment("hca", Map.of("iommu", "off"), listed),
                new Attachment("hca", Map.of("iommu", "off", "swiotlb", "force"), listed),
                new Attachment("hca", Map.of("iommu", "on", "swiotlb", "force"), Set.of()));
    }

    private static long verify(StoreClient client, long first, int blocks, int operations) {
        long seed = ThreadLocalRandom.current().nextLong();
        StoreVerification verification = new StoreVerification(client, first, blocks, seed);
        try {
            verification.run(operations);
        } catch (RuntimeException wrong) {
            throw new AssertionError("seed " + seed, wrong);
        }
        return verification.verifiedBytes();
    }

    @ParameterizedTest
    @MethodSource("attachments")
    void shouldKeepTheSameBytesOverEveryAttachment(Attachment attachment) {
        StoreSettings settings = StoreSettings.of(GEOMETRY);
        try (StoreWorld world =
                new StoreWorld(attachment.kind, attachment.options, Map.of(), settings)) {
            long verified = verify(world.connect(8), 0, (int) GEOMETRY.blocks(), 300);
            assertThat(verified).isGreaterThanOrEqualTo(GEOMETRY.bytes());
            assertThat(world.target.statistics().strategies().keySet())
                    .containsAll(attachment.strategies);
            DmaStatistics done = world.dma();
            boolean isBounced = attachment.options.containsValue("force");
            assertThat(done.bouncedBytes() > 0).isEqualTo(isBounced);
            assertThat(done.iovaAllocations() > 0)
                    .isEqualTo("on".equals(attachment.options.get("iommu")));
        }
    }

    @ParameterizedTest
    @MethodSource("attachments")
    void shouldKeepTheSameBytesOverABadLink(Attachment attachment) {
        StoreSettings settings = StoreSettings.of(GEOMETRY);
        try (StoreWorld world =
                new StoreWorld(attachment.kind, attachment.options, HARM, settings)) {
            assertThat(verify(world.connect(8), 0, 1024, 30)).isGreaterThanOrEqualTo(1024 * 512L);
            assertThat(world.targetCounters().get("retransmitted_packets")).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRegisterTransfersWhenTheDeviceWantsIt(boolean everyOne) {
        StoreSettings settings =
                StoreSettings.of(GEOMETRY).withRegistrations(everyOne, everyOne ? 0 : 4);
        try (StoreWorld world = new StoreWorld("hca", Map.of("iommu", "off"), Map.of(), settings)) {
            verify(world.connect(8), 0, (int) GEOMETRY.blocks(), 200);
            Set<ReadWriteStrategy> used = world.target.statistics().strategies().keySet();
            if (everyOne) {
                assertThat(used).containsExactly(ReadWriteStrategy.MR);
            } else {
                assertThat(used)
                        .containsExactlyInAnyOrder(
                                ReadWriteStrategy.SINGLE,
                                ReadWriteStrategy.MULTI,
                                ReadWriteStrategy.MR);
            }
        }
    }

    @Test
    void shouldServeSeveralClientsAtATime() throws Exception {
        StoreSettings settings = StoreSettings.of(GEOMETRY);
        try (StoreWorld world = new StoreWorld("hca", Map.of(), Map.of(), settings)) {
            List<StoreClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(world.connect(4));
            }
            int part = (int) GEOMETRY.blocks() / clients.size();
            Executor threads = task -> Thread.ofPlatform().daemon().start(task);
            List<CompletableFuture<Long>> ends = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                StoreClient client = clients.get(i);
                long first = (long) i * part;
                ends.add(
                        CompletableFuture.supplyAsync(
                                () -> verify(client, first, part, 60), threads));
            }
            for (CompletableFuture<Long> end : ends) {
                assertThat(end.get()).isPositive();
            }
            assertThat(world.target.connections()).isEqualTo(clients.size());
        }
    }
}
