package org.softverbs.ulp.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Provokes;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Clients that take no responses.
class UnreadyClientTest {

    private static final int LENGTH = 1 << 18;
    private static final int DEPTH = 64;

    private static StoreWorld world() {
        return world(System::nanoTime);
    }

    private static StoreWorld world(LongSupplier clock) {
        StoreGeometry geometry = new StoreGeometry(512, 1 << 15);
        return new StoreWorld(
                "hca",
                Map.of("swiotlb", "force"),
                Map.of(),
                new StoreSettings(geometry, DEPTH, LENGTH, 8, false, 0),
                clock);
    }

    private static UnreadyClient unready(StoreWorld world) {
        return new UnreadyClient(world.clientDevice(), world.channel(), DEPTH, LENGTH);
    }

    private static long rnrNaks(StoreWorld world) {
        return world.targetCounters().getOrDefault("received_rnr_naks", 0L);
    }

    @Test
    @Provokes(stuck = true, because = "four clients never post a receive for their responses")
    void shouldEndClientsThatTakeNoResponsesAndServeTheOnesThatWaitForTheirMemory() {
        try (StoreWorld world = world()) {
            StoreClient honest = world.connect(4);
            List<UnreadyClient> unready = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                unready.add(unready(world));
                for (int command = 0; command < 2 * DEPTH; command++) {
                    unready.getLast().read(command);
                }
            }
            StoreWorld.until(
                    "bounce buffers are used up", () -> world.target.statistics().waited() > 0);
            int buffer = honest.take();
            honest.submit(buffer, StoreCommand.READ, 0, LENGTH / 512);
            assertThat(StoreWorld.await(honest)).isEqualTo(buffer);
            assertThat(honest.status(buffer)).isEqualTo(StoreStatus.SUCCESS);
            StoreWorld.until("lost", () -> world.target.statistics().lost() == 4);
            StoreWorld.until("let go", () -> world.target.connections() == 1);
            unready.forEach(UnreadyClient::close);
        }
    }

    @Test
    void shouldBearAClientThatTakesItsResponseLate() {
        try (StoreWorld world = world();
                UnreadyClient late = unready(world)) {
            for (int command = 0; command < 3; command++) {
                long before = rnrNaks(world);
                late.read(command);
                StoreWorld.until("an RNR NAK", () -> rnrNaks(world) > before);
                late.takeResponse();
                List<WorkCompletion> found = new ArrayList<>();
                StoreWorld.until(
                        "request and response",
                        () -> {
                            found.addAll(late.poll());
                            return found.size() == 2;
                        });
                assertThat(found).allMatch(it -> it.status() == WorkCompletionStatus.SUCCESS);
            }
            assertThat(world.target.statistics().lost()).isZero();
        }
    }

    /// A client that takes one response after the other.
    ///
    /// @param seconds of the target's clock before each
    /// @return how many of eight it got; the connection is lost then, or it got all
    private static int takeSlowly(int seconds) {
        AtomicLong now = new AtomicLong();
        try (StoreWorld world = world(now::get);
                UnreadyClient slow = unready(world)) {
            for (int command = 0; command < 8; command++) {
                slow.read(command);
            }
            StoreWorld.until(
                    "all have begun",
                    () -> world.target.statistics().commands(StoreCommand.READ) == 8);
            AtomicInteger taken = new AtomicInteger();
            for (int i = 1; i <= 8 && world.target.statistics().lost() == 0; i++) {
                int wanted = i;
                now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
                slow.takeResponse();
                StoreWorld.until(
                        "a response, or the end",
                        () -> {
                            taken.addAndGet(responses(slow.poll()));
                            return taken.get() == wanted || world.target.statistics().lost() == 1;
                        });
            }
            return taken.get();
        }
    }

    private static int responses(List<WorkCompletion> found) {
        return (int)
                found.stream()
                        .filter(it -> it.opcode() == WorkCompletionOpcode.RECV)
                        .filter(it -> it.status() == WorkCompletionStatus.SUCCESS)
                        .count();
    }

    @Test
    void shouldEndAClientWhoseTransfersTakeMuchLongerThanTheirBytesNeed() {
        assertThat(takeSlowly(4)).isLessThan(8);
    }

    @Test
    void shouldBearASlowClient() {
        assertThat(takeSlowly(1)).isEqualTo(8);
    }
}
