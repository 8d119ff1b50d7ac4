package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicInteger;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.XrcDomain;

/// Makes the shared receive queues of a device: checks what was asked for, counts them. Any thread.
final class SharedReceiveQueueFactory {

    private final SoftDevice device;
    private final AtomicInteger numbers;
    private final Quota quota;

    /// @param numbers where their numbers come from
    SharedReceiveQueueFactory(SoftDevice device, AtomicInteger numbers) {
        this.device = device;
        this.numbers = numbers;
        this.quota =
                new Quota(SoftSharedReceiveQueue.CREATE, device.limits().maxSharedReceiveQueues());
    }

    /// @throws VerbsException `EINVAL` for a value out of range, `ENOMEM` at the device's limit
    SoftSharedReceiveQueue create(SoftProtectionDomain domain, SharedReceiveQueueOptions options) {
        device.requirePresent(SoftSharedReceiveQueue.CREATE);
        SharedReceiveQueueOptions granted = grant(options);
        return quota.make(
                numbers,
                number -> new SoftSharedReceiveQueue(domain, number, granted),
                domain.children());
    }

    private SharedReceiveQueueOptions grant(SharedReceiveQueueOptions options) {
        SharedReceiveQueueOptions granted =
                SoftSharedReceiveQueue.grant(
                        device.rules().mostReceives(device.limits()), device.limits(), options);
        device.requireAllocation(
                AllocationPoint.SHARED_RECEIVE_QUEUE, SoftSharedReceiveQueue.CREATE);
        return granted;
    }

    /// @throws VerbsException as [#create], and `EINVAL` for what is another context's
    SoftSharedReceiveQueue createXrc(
            SoftProtectionDomain domain,
            SharedReceiveQueueOptions options,
            XrcDomain xrcDomain,
            CompletionQueue completionQueue) {
        device.requirePresent(SoftSharedReceiveQueue.CREATE);
        SoftXrcDomain xrc = SoftSharedReceiveQueue.own(device, xrcDomain);
        if (!(completionQueue instanceof SoftCompletionQueue completions
                && completions.device().equals(device))) {
            throw new VerbsException(
                    Errno.EINVAL,
                    SoftSharedReceiveQueue.CREATE,
                    "the completion queue is of another context");
        }
        completions.requireOpen();
        SharedReceiveQueueOptions granted = grant(options);
        SoftSharedReceiveQueue made =
                quota.make(
                        numbers,
                        number ->
                                new SoftSharedReceiveQueue(
                                        domain, number, granted, xrc, completions),
                        domain.children(),
                        xrc.children(),
                        completions.children());
        device.owner().run(made::open);
        return made;
    }

    void closed(SoftSharedReceiveQueue queue) {
        queue.domain().children().remove(queue);
        device.keys().forgetRequests(queue.ledgerNumber());
        quota.release();
    }
}
