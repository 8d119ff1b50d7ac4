package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// I/Os that are refused, flushed and posted again.
class ReadWritePostTest {

    private static final int BYTES = 8192;

    private final InProcessPair pair =
            new InProcessPair(BYTES, Mtu.MTU_4096, DmaSettings.of(DmaAddressing.PHYSICAL));

    /// A queue with room for so many requests only, where three are needed.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldPostAllRequestsOfAnIoOrNone(int room) {
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 8, 8, 0, true),
                                1);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
            ReadWriteFixture.perform(pair, queue, memory, DmaDirection.FROM_DEVICE);
            pair.right.fill(5);
            int depth = pair.left.queuePair.capabilities().maxSendRequests();
            for (int i = 0; i < depth - room; i++) {
                pair.left.queuePair.postSend(nothing(Set.of()));
            }
            try (ReadWriteContext io = readOfPeer(queue, memory)) {
                assertThatThrownBy(() -> io.post(ReadWriteFixture.ID))
                        .isInstanceOfSatisfying(
                                PostException.class,
                                it -> assertThat(it.badIndex()).isEqualTo(room));
                pair.settle();
                assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE))
                        .as("nothing of it ran")
                        .isEqualTo(firstBytes(0));
                pair.left.queuePair.postSend(nothing(Set.of(SendFlag.SIGNALED)));
                pair.settle();
                assertThat(pair.left.pollSends()).hasSize(1);
                io.post(ReadWriteFixture.ID);
                pair.settle();
                assertThat(pair.left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
            }
            assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(firstBytes(5));
        }
    }

    private SendWorkRequest nothing(Set<SendFlag> flags) {
        return new SendWorkRequest.RdmaWrite(
                2, List.of(), pair.right.region.address(), pair.right.region.remoteKey(), flags);
    }

    private ReadWriteContext readOfPeer(ReadWriteQueue queue, PhysicalAllocation memory) {
        return ReadWriteContext.overScatterList(
                queue,
                memory,
                0,
                pair.right.region.address(),
                pair.right.region.remoteKey(),
                DmaDirection.FROM_DEVICE);
    }

    private static byte[] firstBytes(int seed) {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; seed != 0 && i < bytes.length; i++) {
            bytes[i] = TestNode.pattern(seed, i);
        }
        return bytes;
    }

    /// An invalidation that was flushed left the region valid, a registration that was flushed did
    /// not make it so: the region knows, whatever was posted.
    @Test
    void shouldUseARegionAgainWhoseRequestsWereFlushed() {
        try (ReadWriteQueue queue =
                        new ReadWriteQueue(
                                pair.left.queuePair,
                                ReadWriteFixture.limits(false, 8, 8, 0, true),
                                1);
                PhysicalAllocation memory = ReadWriteFixture.scattered(pair, BYTES)) {
            for (int round = 1; round <= 3; round++) {
                pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
                try (ReadWriteContext io = readOfPeer(queue, memory)) {
                    io.post(ReadWriteFixture.ID);
                    pair.settle();
                    assertThat(pair.left.pollSends())
                            .isNotEmpty()
                            .allMatch(it -> it.status() == WorkCompletionStatus.WR_FLUSH_ERR);
                }
                pair.reconnect();
                pair.right.fill(round);
                ReadWriteFixture.perform(pair, queue, memory, DmaDirection.FROM_DEVICE);
                assertThat(memory.segment().toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(firstBytes(round));
            }
        }
    }
}
