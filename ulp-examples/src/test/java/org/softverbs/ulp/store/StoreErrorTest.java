package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessRefusal;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.KeyState;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;

/// What becomes of a bad request, of its connection, and of the target.
class StoreErrorTest {

    private static final StoreGeometry GEOMETRY = new StoreGeometry(512, 4096);
    private static final int WRITE = StoreCommand.WRITE.opcode();
    private static final int READ = StoreCommand.READ.opcode();

    private static StoreWorld world(StoreSettings settings) {
        return new StoreWorld("hca", Map.of(), Map.of(), settings);
    }

    private static StoreWorld world() {
        return world(StoreSettings.of(GEOMETRY));
    }

    private static StoreStatus answer(
            StoreClient client, int opcode, int blocks, long firstBlock, int length) {
        int buffer = client.take();
        client.submit(
                new RequestCapsule(
                        opcode,
                        buffer,
                        blocks,
                        firstBlock,
                        client.region(buffer).address(),
                        length,
                        client.region(buffer).remoteKey()));
        assertThat(StoreWorld.await(client)).isEqualTo(buffer);
        client.release(buffer);
        return client.status(buffer);
    }

    private static void expectWorking(StoreClient client) {
        StoreVerification verification = new StoreVerification(client, 0, 64, 1);
        verification.run(4);
        assertThat(verification.verifiedBytes()).isPositive();
        assertThat(client.isLost()).isFalse();
    }

    @Test
    void shouldAnswerABadRequestWithAStatusAndGoOn() {
        try (StoreWorld world = world()) {
            StoreClient client = world.connect(4);
            assertThat(answer(client, WRITE, 1, 4096, 512)).isEqualTo(StoreStatus.OUT_OF_RANGE);
            assertThat(answer(client, READ, 2, 4095, 1024)).isEqualTo(StoreStatus.OUT_OF_RANGE);
            assertThat(answer(client, READ, 1, -1, 512)).isEqualTo(StoreStatus.OUT_OF_RANGE);
            assertThat(answer(client, READ, 1, Long.MIN_VALUE, 512))
                    .isEqualTo(StoreStatus.OUT_OF_RANGE);
            assertThat(answer(client, READ, 1, Long.MAX_VALUE, 512))
                    .isEqualTo(StoreStatus.OUT_OF_RANGE);
            assertThat(answer(client, WRITE, 0, 0, 0)).isEqualTo(StoreStatus.INVALID_FIELD);
            assertThat(answer(client, WRITE, -1, 0, -512)).isEqualTo(StoreStatus.INVALID_FIELD);
            assertThat(answer(client, WRITE, 513, 0, 513 * 512))
                    .isEqualTo(StoreStatus.INVALID_FIELD);
            assertThat(answer(client, WRITE, 2, 0, 512)).isEqualTo(StoreStatus.DATA_LENGTH_INVALID);
            assertThat(answer(client, 0x99, 1, 0, 512)).isEqualTo(StoreStatus.INVALID_OPCODE);
            assertThat(answer(client, 0x00, 0, 0, 0)).isEqualTo(StoreStatus.SUCCESS);
            assertThat(world.target.statistics().refused()).isEqualTo(10);
            assertThat(world.target.statistics().lost()).isZero();
            expectWorking(client);
        }
    }

    @Test
    void shouldEndTheConnectionOfAWrongKeyAndServeTheOthers() {
        try (StoreWorld world = world()) {
            StoreClient good = world.connect(4);
            for (int opcode : List.of(WRITE, READ)) {
                StoreClient bad = world.connect(4);
                int buffer = bad.take();
                int wrongKey = bad.region(buffer).remoteKey() ^ 0x40;
                bad.submit(
                        new RequestCapsule(
                                opcode, buffer, 1, 0, bad.region(buffer).address(), 512, wrongKey));
                assertThat(StoreWorld.await(bad)).isEqualTo(buffer);
                assertThat(bad.status(buffer)).isEqualTo(StoreStatus.ABORTED);
                assertThat(bad.isLost()).isTrue();
                assertThat(bad.account())
                        .contains(
                                AccessRefusal.UNKNOWN_KEY.reason(),
                                KeyState.SUPERSEDED.description());
                int next = bad.take();
                bad.submit(next, StoreCommand.READ, 0, 1);
                assertThat(StoreWorld.await(bad)).isEqualTo(next);
                assertThat(bad.status(next)).isEqualTo(StoreStatus.ABORTED);
                StoreWorld.until("lost", () -> world.target.connections() == 1);
                expectWorking(good);
            }
            assertThat(world.target.statistics().lost()).isEqualTo(2);
        }
    }

    @Test
    void shouldLetTheClientSeeThatItRevokedAKeyInTheMiddleAndLiveOn() {
        StoreSettings settings = StoreSettings.of(GEOMETRY);
        try (StoreWorld world = world(settings)) {
            int lost = 0;
            // A key that is revoked after its command has ended does no harm: then once more.
            for (int round = 0; lost < 3 && round < 100; round++) {
                StoreClient client = world.connect(8);
                long before = world.target.statistics().commands(StoreCommand.WRITE);
                List<Integer> buffers = new ArrayList<>();
                for (int i = 0; i < client.depth(); i++) {
                    int buffer = client.take();
                    buffers.add(buffer);
                    client.submit(buffer, StoreCommand.WRITE, i * 512L, 512);
                }
                StoreWorld.until(
                        "a transfer has begun",
                        () -> world.target.statistics().commands(StoreCommand.WRITE) > before);
                int last = buffers.getLast();
                client.region(last).close();
                for (int left = buffers.size(); left > 0; left--) {
                    StoreWorld.await(client);
                }
                if (client.isLost()) {
                    assertThat(client.status(last)).isEqualTo(StoreStatus.ABORTED);
                    lost++;
                } else {
                    assertThat(client.status(last)).isEqualTo(StoreStatus.SUCCESS);
                }
                world.disconnect(client);
            }
            assertThat(lost).isEqualTo(3);
            expectWorking(world.connect(4));
        }
    }

    @Test
    void shouldEndTheConnectionOfACapsuleThatIsTooShort() {
        try (StoreWorld world = world()) {
            StoreClient client = world.connect(4);
            client.sendRaw(RequestCapsule.LENGTH - 1);
            StoreWorld.until("lost", () -> world.target.statistics().lost() == 1);
            StoreWorld.until(
                    "noticed",
                    () -> {
                        assertThat(client.poll()).isEqualTo(-1);
                        return client.isLost();
                    });
            expectWorking(world.connect(4));
        }
    }

    @Test
    void shouldTakeNoMoreClientsThanItIsMadeForUntilOneLeaves() {
        StoreSettings one = new StoreSettings(GEOMETRY, 4, 65_536, 1, false, 0);
        try (StoreWorld world = world(one)) {
            StoreClient client = world.connect(4);
            assertThatThrownBy(() -> world.connect(4))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining("has its 1 clients");
            expectWorking(client);
            world.disconnect(client);
            StoreWorld.until("let go", () -> world.target.connections() == 0);
            expectWorking(world.connect(4));
        }
    }

    @Test
    void shouldGrantNoMoreDepthThanTheTargetTakes() {
        try (StoreWorld world = world(StoreSettings.of(GEOMETRY).withQueueDepth(3))) {
            StoreClient client = world.connect(64);
            assertThat(client.depth()).isEqualTo(3);
            for (int i = 0; i < 3; i++) {
                assertThat(client.take()).isNotNegative();
            }
            assertThat(client.take()).isEqualTo(-1);
            for (int i = 0; i < 3; i++) {
                client.release(i);
            }
            expectWorking(client);
        }
    }

    @Test
    void shouldMakeCommandsWaitWhenBounceBuffersAreUsedUp() {
        StoreSettings settings =
                new StoreSettings(new StoreGeometry(4096, 40_960), 8, 1 << 24, 1, false, 0);
        try (StoreWorld world =
                new StoreWorld("hca", Map.of("swiotlb", "force"), Map.of(), settings)) {
            StoreClient client = world.connect(8);
            for (int i = 0; i < client.depth(); i++) {
                int buffer = client.take();
                client.bytes(buffer).set(ValueLayout.JAVA_BYTE, 0, (byte) (i + 1));
                client.submit(buffer, StoreCommand.WRITE, i * 4096L, 4096);
            }
            for (int i = 0; i < client.depth(); i++) {
                int buffer = StoreWorld.await(client);
                assertThat(client.status(buffer)).isEqualTo(StoreStatus.SUCCESS);
            }
            assertThat(world.target.statistics().waited()).isPositive();
            for (int buffer = 0; buffer < client.depth(); buffer++) {
                client.submit(buffer, StoreCommand.READ, buffer * 4096L, 1);
            }
            for (int i = 0; i < client.depth(); i++) {
                int buffer = StoreWorld.await(client);
                assertThat(client.bytes(buffer).get(ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo((byte) (buffer + 1));
            }
        }
    }

    @Test
    void shouldCountAClientOutOnceThatMisbehavesAtOnce() {
        StoreSettings one = new StoreSettings(GEOMETRY, 4, 65_536, 1, false, 0);
        try (StoreWorld world = world(one)) {
            for (int round = 1; round <= 300; round++) {
                int lost = round;
                StoreClient client = world.connect(4);
                client.sendRaw(1);
                StoreWorld.until("lost", () -> world.target.statistics().lost() == lost);
                StoreWorld.until("let go", () -> world.target.connections() == 0);
                world.disconnect(client);
            }
            expectWorking(world.connect(4));
            assertThat(world.target.connections()).isEqualTo(1);
            assertThatThrownBy(() -> world.connect(4))
                    .isInstanceOf(ToolException.class)
                    .hasMessageContaining("has its 1 clients");
        }
    }

    @Test
    void shouldGiveThePlaceBackOfAClientWhoseOfferIsNone() {
        StoreSettings one = new StoreSettings(GEOMETRY, 4, 65_536, 1, false, 0);
        try (StoreWorld world = world(one)) {
            for (String numbers : List.of("0 0", "99999999 0", "17 99999999")) {
                try (SideChannel channel = world.channel()) {
                    String text = "store1 %032x %s 1024 4 512 1 512".formatted(1, numbers);
                    channel.send(Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), 192));
                    assertThatThrownBy(() -> StoreOffer.receive(channel))
                            .isInstanceOf(ToolException.class)
                            .hasMessageContaining("refused: ");
                }
                StoreWorld.until("let go", () -> world.target.connections() == 0);
            }
            expectWorking(world.connect(4));
        }
    }

    @Test
    void shouldServeALongCommandBeforeTheShortOnesThatCameBehindIt() {
        StoreSettings settings =
                new StoreSettings(new StoreGeometry(4096, 40_960), 16, 1 << 24, 1, false, 0);
        try (StoreWorld world =
                new StoreWorld("hca", Map.of("swiotlb", "force"), Map.of(), settings)) {
            StoreClient client = world.connect(16);
            List<Integer> submitted = new ArrayList<>();
            for (int i = 0; i < client.depth(); i++) {
                submitted.add(client.take());
                int blocks = i < 8 ? 4000 : 1;
                client.submit(submitted.getLast(), StoreCommand.READ, i * 2048L, blocks);
            }
            List<Integer> ended = new ArrayList<>();
            for (int i = 0; i < client.depth(); i++) {
                ended.add(StoreWorld.await(client));
            }
            assertThat(world.target.statistics().waited()).isPositive();
            assertThat(ended).containsExactlyElementsOf(submitted);
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenATargetCannotBeMade() {
        try (PrivilegedContext device = RdmaDevices.openPrivileged("rxe@127.4.200.1", Map.of())) {
            List<ProtectionDomain> domains = new ArrayList<>();
            for (int i = 0; i < device.queryDevice().maxProtectionDomains(); i++) {
                domains.add(device.allocateProtectionDomain());
            }
            PhysicalMemory memory = device.physicalMemory();
            long next;
            try (PhysicalAllocation probe =
                    memory.allocate(PhysicalMemoryRequest.contiguous(4096))) {
                next = probe.address(0);
            }
            assertThatThrownBy(() -> new StoreTarget(device, StoreSettings.of(GEOMETRY)))
                    .isInstanceOf(VerbsException.class);
            assertThat(pages(memory, next)).isZero();
            domains.forEach(ProtectionDomain::close);
            new StoreTarget(device, StoreSettings.of(GEOMETRY)).close();
            try (StoreTarget target = new StoreTarget(device, StoreSettings.of(GEOMETRY))) {
                assertThat(pages(memory, next)).isEqualTo(GEOMETRY.bytes() / 4096);
                assertThat(target.connections()).isZero();
            }
            assertThat(pages(memory, next)).isZero();
        }
    }

    /// Pages that were given out from an address on.
    private static long pages(PhysicalMemory memory, long from) {
        long found = 0;
        for (long address = from; address < from + (64 << 20); address += 4096) {
            try {
                memory.flags(address);
                found++;
            } catch (VerbsException none) {
                assertThat(none.errno()).isEqualTo(Errno.EFAULT);
            }
        }
        return found;
    }
}
