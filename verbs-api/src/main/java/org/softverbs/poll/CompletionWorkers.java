package org.softverbs.poll;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DeviceContext;

/// Who polls the completion queues of a device: a loop for each completion vector, and virtual
/// threads.
public final class CompletionWorkers implements AutoCloseable {

    private final DeviceContext device;
    private final List<CompletionLoop> loops = new ArrayList<>();
    private final int vectors;

    /// Workers of a device, which must be closed before it. No thread runs until it is needed.
    public CompletionWorkers(DeviceContext device) {
        this.device = device;
        this.vectors = device.queryExtendedDevice().completionVectors();
    }

    /// The device.
    public DeviceContext device() {
        return device;
    }

    /// Makes a queue.
    ///
    /// @param context who polls it
    /// @param options with the completion vector, whose loop polls an [PollContext#EVENT_LOOP]
    ///     queue; a channel among them is not used
    /// @throws org.softverbs.verbs.VerbsException as [DeviceContext#createCompletionQueue]
    public PolledQueue allocate(PollContext context, CompletionQueueOptions options) {
        return switch (context) {
            case DIRECT -> PolledQueue.direct(device, options);
            case EVENT_LOOP -> onLoop(options);
            case VIRTUAL_THREAD -> onVirtualThread(options);
        };
    }

    private PolledQueue onLoop(CompletionQueueOptions options) {
        // Not under the lock: a loop whose handler blocks is to hold up nobody else.
        return loopOf(options.vector()).allocate(options, false);
    }

    private synchronized CompletionLoop loopOf(int vector) {
        if (loops.isEmpty()) {
            for (int i = 0; i < vectors; i++) {
                CompletionLoop loop =
                        new CompletionLoop(
                                PollContext.EVENT_LOOP,
                                device,
                                Thread.ofPlatform().daemon().name("softverbs-vector-" + i));
                loops.add(loop);
                loop.start();
            }
        }
        // A vector that is none is refused by the device, whichever loop asks.
        return loops.get(Math.floorMod(vector, vectors));
    }

    private PolledQueue onVirtualThread(CompletionQueueOptions options) {
        CompletionLoop loop =
                new CompletionLoop(
                        PollContext.VIRTUAL_THREAD,
                        device,
                        Thread.ofVirtual().name("softverbs-completions"));
        loop.start();
        try {
            return loop.allocate(options, true);
        } catch (RuntimeException refused) {
            loop.close();
            throw refused;
        }
    }

    /// Ends the loops.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when queues of theirs are still open
    @Override
    public synchronized void close() {
        loops.forEach(CompletionLoop::close);
        loops.clear();
    }
}
