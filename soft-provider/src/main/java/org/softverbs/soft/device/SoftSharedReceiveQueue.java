package org.softverbs.soft.device;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.device.AsyncEventQueue.Element;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.XrcDomain;

/// A shared receive queue as its user sees it.
final class SoftSharedReceiveQueue extends Resource implements SharedReceiveQueue, ReceiveTarget {

    static final String CREATE = "createSharedReceiveQueue";

    private static final String CLOSE = "closeSharedReceiveQueue";
    private static final String MODIFY = "modifySharedReceiveQueue";

    private final SoftProtectionDomain domain;
    private final @Nullable SoftXrcDomain xrcDomain;
    private final @Nullable SoftCompletionQueue completions;
    private final int number;
    private final SharedReceives receives;
    private final Children children = new Children(this);
    private final SoftReceiveCursor recordReceives;

    SoftSharedReceiveQueue(
            SoftProtectionDomain domain, int number, SharedReceiveQueueOptions options) {
        this(domain, number, options, null, null);
    }

    /// @param xrcDomain its domain of extended reliable connections, or null
    /// @param completions gets the completions of its receives, then
    SoftSharedReceiveQueue(
            SoftProtectionDomain domain,
            int number,
            SharedReceiveQueueOptions options,
            @Nullable SoftXrcDomain xrcDomain,
            @Nullable SoftCompletionQueue completions) {
        this.domain = domain;
        this.xrcDomain = xrcDomain;
        this.completions = completions;
        this.number = number;
        this.receives =
                new SharedReceives(
                        number,
                        domain.number(),
                        domain.isPrivileged(),
                        new ReceiveQueue(options.maxRequests(), options.maxSge()),
                        this::tellLimit);
        receives.limit(options.limit());
        this.recordReceives = new SoftReceiveCursor(this);
    }

    /// What is granted of what was asked for.
    ///
    /// @param most receives that one may have
    /// @throws VerbsException `EINVAL` for a value that the device does not take
    static SharedReceiveQueueOptions grant(
            int most, DeviceLimits limits, SharedReceiveQueueOptions options) {
        check("maxRequests", options.maxRequests(), 1, most);
        check("maxSge", options.maxSge(), 0, limits.maxSge());
        check("limit", options.limit(), 0, options.maxRequests());
        return new SharedReceiveQueueOptions(
                options.maxRequests(), Math.max(1, options.maxSge()), options.limit());
    }

    private static void check(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw new VerbsException(
                    Errno.EINVAL,
                    CREATE,
                    field + " " + value + " is not within " + min + " and " + max);
        }
    }

    /// Tells the sanitizer that a completion was taken.
    static void noteTaken(RequestLedger requests, CompletionEntry taken) {
        if (taken.sharedQueue() == 0) {
            requests.completed(
                    taken.queuePairNumber(), taken.opcode().isReceive(), taken.position());
        } else {
            requests.completedAlone(-taken.sharedQueue(), true, taken.position());
        }
    }

    private void tellLimit() {
        device().engine()
                .raise(
                        AsyncEventType.SRQ_LIMIT_REACHED,
                        number,
                        receives.queue().size() + " receives are left");
    }

    /// @throws VerbsException `EINVAL` when it is another context's
    static SoftXrcDomain own(SoftDevice device, XrcDomain domain) {
        if (domain instanceof SoftXrcDomain soft && soft.device() == device) {
            soft.requireOpen();
            return soft;
        }
        throw new VerbsException(Errno.EINVAL, CREATE, "the XRC domain is of another context");
    }

    boolean isXrc() {
        return xrcDomain != null;
    }

    /// Can be named by requests from now on.
    void open() {
        if (xrcDomain != null && completions != null) {
            device().engine().xrcQueues().add(receives, xrcDomain.number(), completions);
        }
    }

    /// Requests that name it are refused from now on.
    private void withdraw() {
        if (xrcDomain != null && completions != null) {
            device().owner()
                    .run(
                            () ->
                                    device().engine()
                                            .xrcQueues()
                                            .remove(receives, device().engine().queuePairs()));
            xrcDomain.children().remove(this);
            completions.children().remove(this);
        }
    }

    SharedReceives receives() {
        return receives;
    }

    Children children() {
        return children;
    }

    SoftProtectionDomain domain() {
        return domain;
    }

    @Override
    public SoftDevice device() {
        return domain.device();
    }

    @Override
    public String kind() {
        return "shared receive queue";
    }

    /// Queue pairs have the positive ones.
    @Override
    public int ledgerNumber() {
        return -number;
    }

    @Override
    public int maxReceiveSge() {
        return receives.queue().maxSge();
    }

    @Override
    public int maxReceiveRequests() {
        return receives.queue().capacity();
    }

    @Override
    public ProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public SharedReceiveQueueOptions query() {
        requireOpen();
        return device().owner()
                .call(
                        () ->
                                new SharedReceiveQueueOptions(
                                        receives.queue().capacity(),
                                        receives.queue().maxSge(),
                                        receives.limit()));
    }

    @Override
    public void setLimit(int limit) {
        requireOpen();
        device().owner()
                .run(
                        () -> {
                            int capacity = receives.queue().capacity();
                            if (limit < 0 || limit > capacity) {
                                throw refused(
                                        "limit " + limit + " is not within 0 and " + capacity);
                            }
                            receives.limit(limit);
                        });
    }

    @Override
    public void resize(int maxRequests) {
        requireOpen();
        device().owner().run(() -> resizeNow(maxRequests));
    }

    private void resizeNow(int maxRequests) {
        int limit = device().rules().mostReceives(device().limits());
        int least = Math.max(1, receives.limit());
        if (maxRequests < least || maxRequests > limit) {
            throw refused(
                    "maxRequests " + maxRequests + " is not within " + least + " and " + limit);
        }
        if (!receives.queue().resize(maxRequests)) {
            throw refused(
                    "maxRequests "
                            + maxRequests
                            + " is less than the "
                            + receives.queue().size()
                            + " receives that are posted");
        }
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, MODIFY, reason);
    }

    @Override
    public void postReceive(ReceiveWorkRequest request) {
        synchronized (recordReceives) {
            recordReceives.set(request);
            recordReceives.post();
        }
    }

    @Override
    public void postReceive(List<ReceiveWorkRequest> requests) {
        synchronized (recordReceives) {
            recordReceives.postAll(requests);
        }
    }

    @Override
    public ReceiveCursor receiveCursor() {
        requireOpen();
        return new SoftReceiveCursor(this);
    }

    @Override
    public boolean offerReceive(ReceiveWqe wqe, @Nullable PostedRequest request) {
        requireOpen();
        ReceiveQueue queue = receives.queue();
        synchronized (queue) {
            RequestLedger requests = device().keys().requests();
            if (request != null && requests != null && queue.hasRoom()) {
                // Those that a queue pair took may still be under way, however far back they are.
                requests.posted(request, queue.tail(), Integer.MAX_VALUE);
            }
            return queue.offer(wqe) || device().rules().losesSharedReceiveOverflow();
        }
    }

    @Override
    public void close() {
        AsyncEventQueue events = device().events();
        if (isOpen()) {
            events.requireAcknowledged(
                    CLOSE, new Element(AsyncEventSource.SHARED_RECEIVE_QUEUE, number), this);
        }
        if (children.closeIfNone(CLOSE)) {
            markClosed();
            withdraw();
            events.forget(new Element(AsyncEventSource.SHARED_RECEIVE_QUEUE, number));
            device().sharedReceiveQueues().closed(this);
        }
    }

    @Override
    public String toString() {
        return "shared receive queue " + number;
    }
}
