package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.rw.MappedSges;
import org.softverbs.rw.SgeBuilder;
import org.softverbs.rw.UnmapRing;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.WorkCompletion;

class UnmapRingTest {

    private static final int REQUESTS = 16;

    private final InProcessPair pair =
            new InProcessPair(
                    65_536, Mtu.MTU_4096, DmaSettings.of(DmaAddressing.IOVA).withIommu(true));
    private final TestNode left = pair.left;
    private final DmaDevice dma = left.privileged().context().dma();
    private final UnmapRing ring = new UnmapRing(left.queuePair, dma);

    private void post(long id, Set<SendFlag> flags) {
        PhysicalAllocation memory =
                left.privileged()
                        .context()
                        .physicalMemory()
                        .allocate(PhysicalMemoryRequest.scattered(8192));
        MappedSges mapped =
                SgeBuilder.fillSgeFromSgl(left.privileged(), memory, DmaDirection.TO_DEVICE);
        ring.post(
                new RdmaWrite(
                        id,
                        mapped.elements(),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        flags),
                mapped.mapping());
    }

    @Test
    void shouldUndoAllThatACompletionCoversWithOneFlush() {
        for (int id = 1; id <= REQUESTS; id++) {
            post(id, id % 8 == 0 ? Set.of(SendFlag.SIGNALED) : Set.of());
        }
        pair.settle();
        List<WorkCompletion> completions = left.pollSends();
        assertThat(completions).extracting(WorkCompletion::workRequestId).containsExactly(8L, 16L);
        DmaStatistics before = dma.statistics();
        assertThat(ring.onCompletion(completions.getFirst())).isEqualTo(8);
        DmaStatistics done = dma.statistics().since(before);
        assertThat(done.unmaps()).isEqualTo(8);
        assertThat(done.iovaFrees()).isEqualTo(8);
        assertThat(done.iotlbFlushes()).isEqualTo(1);
        assertThat(ring.pending()).isEqualTo(8);
        assertThat(ring.onCompletion(completions.getLast())).isEqualTo(8);
        assertThat(ring.pending()).isZero();
    }

    @Test
    void shouldFlushForEachMappingWhenTheyAreUndoneOneByOne() {
        DmaStatistics before = dma.statistics();
        for (int i = 0; i < 8; i++) {
            PhysicalAllocation memory =
                    left.privileged()
                            .context()
                            .physicalMemory()
                            .allocate(PhysicalMemoryRequest.scattered(8192));
            dma.map(memory, DmaDirection.TO_DEVICE).close();
        }
        assertThat(dma.statistics().since(before).iotlbFlushes()).isEqualTo(8);
    }

    @Test
    void shouldUndoNothingForACompletionOfAnotherRequest() {
        post(1, Set.of(SendFlag.SIGNALED));
        left.queuePair.postSend(
                new RdmaWrite(
                        77,
                        List.of(),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        Set.of(SendFlag.SIGNALED)));
        pair.settle();
        List<WorkCompletion> completions = left.pollSends();
        assertThat(ring.onCompletion(completions.getLast())).isZero();
        assertThat(ring.onCompletion(completions.getFirst())).isEqualTo(1);
    }

    @Test
    void shouldUndoWhatFlushedRequestsHad() {
        post(1, Set.of());
        post(2, Set.of());
        left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        pair.settle();
        int undone = left.pollSends().stream().mapToInt(ring::onCompletion).sum();
        assertThat(undone + ring.pending()).isEqualTo(2);
        ring.close();
        assertThat(dma.statistics().unmaps()).isEqualTo(dma.statistics().maps());
    }
}
