package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.verbs.WorkCompletionStatus;

/// What tests of I/Os share.
final class ReadWriteFixture {

    static final long ID = 7;

    private ReadWriteFixture() {}

    static ReadWriteLimits limits(
            boolean iwarp, int maxSge, int maxSgeRead, int maxSglRead, boolean force) {
        return new ReadWriteLimits(iwarp, maxSge, maxSgeRead, maxSglRead, 256, 1L << 31, force);
    }

    static PhysicalAllocation scattered(InProcessPair pair, long bytes) {
        return pair.left
                .privileged()
                .context()
                .physicalMemory()
                .allocate(PhysicalMemoryRequest.scattered(bytes));
    }

    static void perform(
            InProcessPair pair,
            ReadWriteQueue queue,
            PhysicalAllocation memory,
            DmaDirection direction) {
        long address = pair.right.region.address();
        int key = pair.right.region.remoteKey();
        try (ReadWriteContext io =
                ReadWriteContext.overScatterList(queue, memory, 0, address, key, direction)) {
            io.post(ID);
            pair.settle();
            assertThat(pair.left.pollSends())
                    .singleElement()
                    .satisfies(
                            it -> {
                                assertThat(it.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
                                assertThat(it.workRequestId()).isEqualTo(ID);
                            });
        }
    }
}
