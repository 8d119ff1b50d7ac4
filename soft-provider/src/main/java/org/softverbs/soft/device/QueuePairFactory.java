package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.VerbsException;

/// Makes queue pairs: checks what was asked for, draws a number, joins the parts.
final class QueuePairFactory {

    private static final String CREATE = "createQueuePair";
    private static final String OPEN = "openQueuePair";

    private QueuePairFactory() {}

    static SoftQueuePair create(SoftProtectionDomain domain, QueuePairOptions options) {
        SoftDevice device = domain.device();
        device.rules().requireQueuePairs(CREATE, options.type());
        SoftCompletionQueue sends = own(device, options.sendCompletionQueue(), "send");
        SoftCompletionQueue receives = own(device, options.receiveCompletionQueue(), "receive");
        SoftSharedReceiveQueue shared =
                options.sharedReceiveQueue().map(it -> own(device, it)).orElse(null);
        SoftXrcDomain xrc = xrcDomain(device, options);
        if (options.type() == QueuePairType.GSI && !domain.isPrivileged()) {
            throw refused("only a domain of kernel code has a queue pair of type GSI");
        }
        device.requireAllocation(AllocationPoint.QUEUE_PAIR, CREATE);
        QueuePairCapabilities granted = grant(device, options.capabilities());
        SendQueue sendQueue =
                new SendQueue(
                        granted.maxSendRequests(), granted.maxSendSge(), granted.maxInlineData());
        ReceiveQueue receiveQueue =
                shared == null
                        ? new ReceiveQueue(granted.maxReceiveRequests(), granted.maxReceiveSge())
                        : new ReceiveQueue(1, 1);
        List<Children> used = new ArrayList<>();
        used.add(domain.children());
        used.add(sends.children());
        used.add(receives.children());
        if (shared != null) {
            used.add(shared.children());
        }
        if (xrc != null) {
            used.add(xrc.children());
        }
        Children[] parents = used.toArray(Children[]::new);
        return device.owner()
                .call(
                        () -> {
                            requireRoom(device);
                            QueuePairCore core =
                                    new QueuePairCore(
                                            options.type(),
                                            new Accessor(
                                                    domain.number(),
                                                    number(device, options),
                                                    domain.isPrivileged()),
                                            options.signalAll(),
                                            device.keys().access(),
                                            sendQueue,
                                            receiveQueue,
                                            shared == null ? null : shared.receives(),
                                            device.profile());
                            QueuePairPort port =
                                    new QueuePairPort(
                                            device.engine(),
                                            core,
                                            sends,
                                            receives,
                                            xrc == null ? QueuePairPort.NO_DOMAIN : xrc.number());
                            SoftQueuePair queuePair =
                                    new SoftQueuePair(domain, options, granted, port);
                            // First of all, as it may refuse.
                            Children.addToAll(queuePair, parents);
                            port.handles().add(queuePair);
                            device.engine().add(port);
                            return queuePair;
                        });
    }

    /// Opens an XRC target another time.
    static SoftQueuePair open(SoftXrcDomain domain, int number) {
        SoftDevice device = domain.device();
        device.requirePresent(OPEN);
        device.requireAllocation(AllocationPoint.QUEUE_PAIR, OPEN);
        return device.owner()
                .call(
                        () -> {
                            QueuePairPort port = target(domain, number);
                            SoftQueuePair handle =
                                    new SoftQueuePair(port.handles().maker(), domain);
                            // Before it is told of anything, as it may refuse.
                            domain.children().add(handle);
                            port.handles().add(handle);
                            return handle;
                        });
    }

    private static QueuePairPort target(SoftXrcDomain domain, int number) {
        QueuePairPort port = domain.device().engine().queuePairs().get(number);
        String name = "queue pair 0x" + Integer.toHexString(number);
        if (port == null) {
            throw new VerbsException(Errno.EINVAL, OPEN, "there is no " + name);
        }
        QueuePairType type = port.core().type();
        if (type != QueuePairType.XRC_RECV) {
            throw new VerbsException(
                    Errno.EINVAL, OPEN, name + " is of type " + type + ", not XRC_RECV");
        }
        if (port.xrcDomain() != domain.number()) {
            throw new VerbsException(Errno.EINVAL, OPEN, name + " is none of " + domain);
        }
        return port;
    }

    /// A handle is closed; with the last the queue pair ends.
    static void closed(SoftQueuePair handle) {
        SoftDevice device = handle.device();
        QueuePairPort port = handle.port();
        boolean last =
                device.owner()
                        .call(
                                () -> {
                                    boolean none = port.handles().remove(handle);
                                    if (none) {
                                        end(device, port);
                                    }
                                    return none;
                                });
        handle.xrcDomain()
                .map(SoftXrcDomain.class::cast)
                .ifPresent(domain -> domain.children().remove(handle));
        if (last) {
            release(port.handles().maker());
        }
    }

    private static void end(SoftDevice device, QueuePairPort port) {
        DeviceEngine engine = device.engine();
        engine.sendWhatIsDue(port);
        engine.move(port, QueuePairState.RESET);
        port.engine().onReset();
        engine.remove(port);
        device.keys().closed(port.core().number());
    }

    /// What it was made with is not in use any more.
    private static void release(SoftQueuePair maker) {
        maker.port().forEachCompletionQueue(queue -> queue.children().remove(maker));
        maker.sharedReceiveQueue()
                .map(SoftSharedReceiveQueue.class::cast)
                .ifPresent(queue -> queue.children().remove(maker));
        maker.domain().children().remove(maker);
    }

    private static void requireRoom(SoftDevice device) {
        int limit = device.limits().maxQueuePairs();
        if (device.engine().queuePairs().size() >= limit) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    CREATE,
                    "the device's limit of " + limit + " queue pairs is reached");
        }
    }

    private static int number(SoftDevice device, QueuePairOptions options) {
        if (options.type() != QueuePairType.GSI) {
            return device.engine().freshNumber();
        }
        if (device.engine().queuePairs().get(ManagementPort.NUMBER) != null) {
            throw new VerbsException(
                    Errno.EBUSY, CREATE, device + " has its queue pair of type GSI already");
        }
        return ManagementPort.NUMBER;
    }

    /// The domain of an XRC target.
    private static @Nullable SoftXrcDomain xrcDomain(SoftDevice device, QueuePairOptions options) {
        boolean target = options.type() == QueuePairType.XRC_RECV;
        boolean xrc = target || options.type() == QueuePairType.XRC_SEND;
        if (xrc && options.sharedReceiveQueue().isPresent()) {
            throw refused(
                    "a queue pair of type " + options.type() + " has no shared receive queue");
        }
        if (target != options.xrcDomain().isPresent()) {
            throw refused(
                    target
                            ? "a queue pair of type XRC_RECV needs an XRC domain"
                            : "a queue pair of type " + options.type() + " has no XRC domain");
        }
        return options.xrcDomain().map(it -> SoftSharedReceiveQueue.own(device, it)).orElse(null);
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, CREATE, reason);
    }

    private static SoftSharedReceiveQueue own(SoftDevice device, SharedReceiveQueue queue) {
        if (queue instanceof SoftSharedReceiveQueue soft && soft.device() == device) {
            soft.requireOpen();
            if (soft.isXrc()) {
                throw refused("the shared receive queue is one of an XRC domain");
            }
            return soft;
        }
        throw new VerbsException(
                Errno.EINVAL, CREATE, "the shared receive queue is of another context");
    }

    private static SoftCompletionQueue own(SoftDevice device, CompletionQueue queue, String which) {
        if (queue instanceof SoftCompletionQueue soft && soft.device() == device) {
            soft.requireOpen();
            return soft;
        }
        throw new VerbsException(
                Errno.EINVAL, CREATE, "the " + which + " completion queue is of another context");
    }

    private static QueuePairCapabilities grant(SoftDevice device, QueuePairCapabilities asked) {
        DeviceLimits limits = device.limits();
        int requests = device.rules().mostOfQueuePair(limits.maxQueuePairRequests());
        int elements = device.rules().mostOfQueuePair(limits.maxSge());
        check("maxSendRequests", asked.maxSendRequests(), requests);
        check("maxReceiveRequests", asked.maxReceiveRequests(), requests);
        check("maxSendSge", asked.maxSendSge(), elements);
        check("maxReceiveSge", asked.maxReceiveSge(), elements);
        check("maxInlineData", asked.maxInlineData(), limits.maxInlineData());
        return new QueuePairCapabilities(
                Math.max(1, asked.maxSendRequests()),
                Math.max(1, asked.maxReceiveRequests()),
                Math.max(1, asked.maxSendSge()),
                Math.max(1, asked.maxReceiveSge()),
                asked.maxInlineData());
    }

    private static void check(String field, int asked, int limit) {
        if (asked < 0 || asked > limit) {
            throw new VerbsException(
                    Errno.EINVAL, CREATE, field + " " + asked + " is not within 0 and " + limit);
        }
    }
}
