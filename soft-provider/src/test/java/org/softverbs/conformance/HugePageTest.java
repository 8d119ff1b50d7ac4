package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// Row RUT-HP: memory in huge pages.
@Conformance
class HugePageTest {

    private static final long LENGTH = 4L << 20;
    private static final int PARTS = 4;

    private static Buffer huge(Node node, long address) {
        PhysicalAllocation memory =
                node.keep(
                        node.context()
                                .physicalMemory()
                                .allocate(
                                        PhysicalMemoryRequest.contiguous(LENGTH)
                                                .withPageSize(PageSize.SIZE_2M)));
        MemoryRegion region = node.keep(node.domain().registerPhysical(memory, address, Node.ALL));
        return new Buffer(region, memory.segment());
    }

    private static List<Sge> parts(Buffer buffer) {
        List<Sge> parts = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            parts.add(buffer.part(i * LENGTH / PARTS, LENGTH / PARTS));
        }
        return parts;
    }

    @Test
    @Tag("RUT-HP-002")
    void shouldSendHugePagesInFourElements(Rig rig) {
        Pair pair = rig.connect();
        Buffer from = huge(rig.left(), 1L << 40).fill(1);
        Buffer to = huge(rig.right(), 1L << 41);
        pair.right().queuePair().postReceive(new ReceiveWorkRequest(1, parts(to)));
        Set<SendFlag> flags = Requests.SIGNALED.flags();
        assertThat(pair.left().run(new SendWorkRequest.Send(1, parts(from), flags)))
                .isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(from)).isTrue();
    }
}
