package org.softverbs.ulp.perf;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.rw.ReadWriteStrategy;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;

/// The requester's part of the buffer when it is host physical memory in scattered pages: each READ
/// or WRITE is mapped for the device, carried out and undone by a context of its own.
///
/// Belongs to the thread that runs the test.
final class ReadWritePart implements AutoCloseable {

    private static final int PAGE = 4096;

    private final ReadWriteQueue queue;
    private final PhysicalAllocation memory;
    private final DmaDirection direction;
    private final ArrayDeque<ReadWriteContext> underWay = new ArrayDeque<>();
    private final Map<ReadWriteStrategy, Long> strategies = new EnumMap<>(ReadWriteStrategy.class);

    /// @param queuePair of a privileged device
    /// @param bytes of the memory
    /// @param verb WRITE or READ
    ReadWritePart(QueuePair queuePair, PrivilegedContext context, long bytes, PerfVerb verb) {
        direction = verb == PerfVerb.READ ? DmaDirection.FROM_DEVICE : DmaDirection.TO_DEVICE;
        queue = new ReadWriteQueue(queuePair, ReadWriteLimits.of(queuePair, false), 0);
        memory = context.physicalMemory().allocate(PhysicalMemoryRequest.scattered(bytes));
    }

    /// What a queue pair needs for transfers of a size: as many elements as the device takes, and
    /// requests for a page in each.
    ///
    /// @param transfers under way at a time
    static QueuePairCapabilities capabilities(
            DeviceContext context, int largest, int transfers, int receives) {
        int sge = context.queryDevice().maxReadSge();
        int requests = Math.ceilDiv(largest / PAGE + 2, sge);
        return new QueuePairCapabilities(
                (int) Math.min(Integer.MAX_VALUE, (long) requests * transfers),
                receives,
                sge,
                1,
                0);
    }

    PhysicalAllocation memory() {
        return memory;
    }

    /// How often which way was taken to describe memory to the device.
    Map<ReadWriteStrategy, Long> strategies() {
        return strategies;
    }

    /// Maps a part of the memory and posts the READ or WRITE of it; it gives one completion.
    void post(long id, long offset, int size, long remoteAddress, int remoteKey) {
        ReadWriteContext transfer =
                ReadWriteContext.overBioVector(
                        queue,
                        new BioVector(memory, offset, size),
                        remoteAddress,
                        remoteKey,
                        direction);
        underWay.addLast(transfer);
        strategies.merge(transfer.decision().strategy(), 1L, Long::sum);
        transfer.post(id);
    }

    /// Undoes the oldest transfers, which are done.
    void complete(long count) {
        for (long i = 0; i < count; i++) {
            underWay.removeFirst().close();
        }
    }

    /// Undoes what is left. The queue pair must be closed before.
    @Override
    public void close() {
        complete(underWay.size());
        queue.close();
        memory.close();
    }
}
