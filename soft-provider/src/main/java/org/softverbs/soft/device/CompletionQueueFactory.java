package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Makes the completion queues of a device: checks what was asked for, counts them. Any thread.
final class CompletionQueueFactory {

    /// Vectors that serve completion queues. Here the owner of the device delivers all events; who
    /// has threads to handle completions spreads them by the vector.
    static final int VECTORS = 4;

    private static final String CREATE = "createCompletionQueue";

    private final SoftDevice device;
    private final Children devices;
    private final Quota quota;

    /// @param devices the children of the device
    CompletionQueueFactory(SoftDevice device, Children devices) {
        this.device = device;
        this.devices = devices;
        this.quota = new Quota(CREATE, device.limits().maxCompletionQueues());
    }

    SoftCompletionQueue create(CompletionQueueOptions options, AtomicInteger numbers) {
        SoftCompletionChannel channel = channelOf(options);
        requireEntries(CREATE, options.entries());
        device.rules().requireCompletionQueue(CREATE, options);
        if (options.vector() < 0 || options.vector() >= VECTORS) {
            throw new VerbsException(
                    Errno.EINVAL,
                    CREATE,
                    "vector " + options.vector() + " is not within 0 and " + (VECTORS - 1));
        }
        Children[] parents =
                channel == null
                        ? new Children[] {devices}
                        : new Children[] {devices, channel.children()};
        return quota.make(
                numbers,
                number -> new SoftCompletionQueue(device, number, options, channel),
                parents);
    }

    private @Nullable SoftCompletionChannel channelOf(CompletionQueueOptions options) {
        if (options.channel().isEmpty()) {
            return null;
        }
        if (options.channel().get() instanceof SoftCompletionChannel soft
                && soft.device() == device) {
            soft.requireOpen();
            return soft;
        }
        throw new VerbsException(Errno.EINVAL, CREATE, "the channel is of another context");
    }

    /// @throws VerbsException `EINVAL` when a completion queue cannot hold so many, `ENOMEM` when
    ///     the host has no memory for them now
    void requireEntries(String verb, int entries) {
        device.requirePresent(verb);
        int limit = device.limits().maxCompletionQueueEntries();
        if (entries < 1 || entries > limit) {
            throw new VerbsException(
                    Errno.EINVAL, verb, "entries " + entries + " is not within 1 and " + limit);
        }
        device.requireAllocation(AllocationPoint.COMPLETION_QUEUE, verb);
    }

    void closed(SoftCompletionQueue queue) {
        device.owner().run(() -> device.engine().heldEvents().forget(queue));
        devices.remove(queue);
        quota.release();
    }
}
