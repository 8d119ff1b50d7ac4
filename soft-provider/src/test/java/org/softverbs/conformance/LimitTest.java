package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.conformance.Client.Work;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;

/// Rows RUT-DEV and RUT-TRF about what a device holds: exactly as many as it says, on a device that
/// holds little, and all of it again when it was given back.
@Conformance
@RealClock(small = true)
class LimitTest {

    /// Makes things until one is refused, gives all back, and does so again.
    private static void shouldHold(int limit, IntFunction<AutoCloseable> maker) throws Exception {
        for (int round = 0; round < 2; round++) {
            List<AutoCloseable> made = new ArrayList<>();
            try {
                for (int i = 0; i <= limit; i++) {
                    made.add(maker.apply(i));
                }
                throw new AssertionError("more than the limit of " + limit);
            } catch (VerbsException refused) {
                assertThat(refused.errno()).isEqualTo(Errno.ENOMEM);
            }
            assertThat(made).hasSize(limit);
            for (AutoCloseable thing : made) {
                thing.close();
            }
        }
    }

    private static DeviceAttributes attributes(Rig rig) {
        return rig.left().context().queryDevice();
    }

    @Test
    @Tag("RUT-DEV-008")
    void shouldHoldAsManyAddressHandlesAsItSays(Rig rig) throws Exception {
        GlobalIdentifier gid = rig.right().context().gidTable(1).getFirst().gid();
        shouldHold(
                attributes(rig).maxAddressHandles(),
                any -> rig.left().domain().createAddressHandle(new AddressVector(gid, 0)));
    }

    @Test
    @Tag("RUT-DEV-014")
    void shouldHoldAsManySharedReceiveQueuesAsItSays(Rig rig) throws Exception {
        SharedReceiveQueueOptions options = new SharedReceiveQueueOptions(4, 1, 0);
        shouldHold(
                attributes(rig).maxSharedReceiveQueues(),
                any -> rig.left().domain().createSharedReceiveQueue(options));
    }

    @Test
    @Tag("RUT-DEV-009")
    void shouldHoldAsManyCompletionQueuesAsItSays(Rig rig) throws Exception {
        shouldHold(
                attributes(rig).maxCompletionQueues(),
                any -> rig.left().context().createCompletionQueue(1));
    }

    @Test
    @Tag("RUT-DEV-010")
    void shouldHoldAsManyRegionsAsItSays(Rig rig) throws Exception {
        shouldHold(attributes(rig).maxMemoryRegions(), any -> rig.left().buffer(64).region());
    }

    @Test
    @Tag("RUT-DEV-011")
    void shouldHoldAsManyWindowsAsItSays(Rig rig) throws Exception {
        MemoryWindowType[] types = MemoryWindowType.values();
        shouldHold(
                attributes(rig).maxMemoryWindows(),
                i -> rig.left().domain().allocateMemoryWindow(types[i % types.length]));
    }

    @Test
    @Tag("RUT-DEV-013")
    void shouldHoldAsManyQueuePairsAsItSays(Rig rig) throws Exception {
        CompletionQueue queue = rig.left().queue(64);
        Setup setup = Setup.standard().withRequests(1);
        shouldHold(
                attributes(rig).maxQueuePairs(),
                any -> rig.left().end(setup, rig.left().domain(), queue, queue).queuePair());
    }

    /// More rounds than a device that lost one thing a round could stand.
    @Test
    @Tag("RUT-TRF-018")
    void shouldLoseNothingOverManyRounds(Rig rig) throws Exception {
        int rounds = attributes(rig).maxQueuePairs() + 10;
        for (int round = 0; round < rounds; round++) {
            Client client = new Client(rig, 2, 64);
            for (Work work : List.of(Work.SEND, Work.READ)) {
                client.start(work, 64);
            }
            int[] done = {0};
            rig.await(
                    "the client of round " + round,
                    () -> {
                        done[0] += client.collect();
                        return client.isIdle();
                    });
            assertThat(done[0]).isEqualTo(2);
            client.close();
        }
    }
}
