package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.roce.RcEngine;
import org.softverbs.soft.roce.UnreliableEngine;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.LocalPath;

/// A queue pair's place in its device: connects its engine to link, completion queues and events,
/// and holds what the device keeps about it.
final class QueuePairPort implements EngineOutput {

    /// Of a queue pair in no domain of extended reliable connections.
    static final int NO_DOMAIN = 0;

    private final DeviceEngine device;
    private final QueuePairCore core;
    private final TransportCounters counters;
    private final SoftCompletionQueue sendCompletions;
    private final SoftCompletionQueue receiveCompletions;
    private final int xrcDomain;
    private final TransportEngine engine;
    private final QueuePairHandles handles = new QueuePairHandles();
    private final AtomicBoolean posted = new AtomicBoolean();

    /// Next in the device's stack of queue pairs with new work.
    @Nullable QueuePairPort nextPosted;

    /// Whether it is in the device's list of those that may have something to send.
    boolean active;

    /// What the watchdog saw when it last found progress, or nothing to wait for.
    long progressMark;

    long progressNanos;
    boolean stuckTold;

    /// Whether the watchdog looked at it before.
    boolean watched;

    int timerIndex = -1;
    long timerKey;

    /// @param xrcDomain number of the domain of an XRC target, or [#NO_DOMAIN]
    QueuePairPort(
            DeviceEngine device,
            QueuePairCore core,
            SoftCompletionQueue sendCompletions,
            SoftCompletionQueue receiveCompletions,
            int xrcDomain) {
        this.device = device;
        this.counters = new TransportCounters(device.counters());
        this.core = core;
        this.sendCompletions = sendCompletions;
        this.receiveCompletions = receiveCompletions;
        this.xrcDomain = xrcDomain;
        this.engine =
                switch (core.type()) {
                    case RC, XRC_SEND, XRC_RECV -> new RcEngine(core, this);
                    case UC -> UnreliableEngine.connection(core, this);
                    case UD, GSI -> UnreliableEngine.datagrams(core, this);
                };
    }

    QueuePairCore core() {
        return core;
    }

    TransportEngine engine() {
        return engine;
    }

    /// Who has it open.
    QueuePairHandles handles() {
        return handles;
    }

    /// Number of the domain of an XRC target, or [#NO_DOMAIN].
    int xrcDomain() {
        return xrcDomain;
    }

    boolean uses(SoftCompletionQueue queue) {
        return sendCompletions == queue || receiveCompletions == queue;
    }

    void forEachCompletionQueue(Consumer<SoftCompletionQueue> action) {
        action.accept(sendCompletions);
        action.accept(receiveCompletions);
    }

    /// Marks it as having new work; true when it was not marked before.
    boolean markPosted() {
        return !posted.getAndSet(true);
    }

    void clearPosted() {
        // With a full fence: what was posted before the flag was seen set is seen too.
        posted.getAndSet(false);
    }

    @Override
    public boolean hasRoom() {
        boolean room = device.link().hasRoom();
        DeviceWitness witness = device.witness();
        if (!room && witness != null) {
            witness.noRoom(core);
        }
        return room;
    }

    @Override
    public OutboundPacket packet() {
        return device.packet();
    }

    @Override
    public void send() {
        OutboundPacket packet = device.packet();
        counters.add(TransportCounter.SENT_PACKETS);
        counters.add(TransportCounter.SENT_BYTES, packet.length());
        DeviceWitness witness = device.witness();
        if (witness != null) {
            witness.sent(core, packet);
        }
        device.link().send(packet);
    }

    @Override
    public void detach() {
        device.link().detach();
    }

    @Override
    public CompletionEntry completion() {
        return device.completion();
    }

    @Override
    public void completeSend() {
        complete(sendCompletions, false);
    }

    @Override
    public void completeReceive() {
        complete(completionsOfReceives(), true);
    }

    /// The target of an extended reliable connection has none of its own.
    private SoftCompletionQueue completionsOfReceives() {
        SharedReceives shared = xrcDomain == NO_DOMAIN ? null : core.receives().shared();
        SoftCompletionQueue theirs =
                shared == null ? null : device.xrcQueues().completions(shared.number());
        return theirs == null ? receiveCompletions : theirs;
    }

    @Override
    public @Nullable SharedReceives xrcReceives(int number) {
        return device.xrcQueues().find(number, xrcDomain);
    }

    private void complete(SoftCompletionQueue queue, boolean receive) {
        boolean kept = queue.add(device.completion());
        DeviceWitness witness = device.witness();
        if (witness != null) {
            witness.completed(core, receive, kept, device.completion());
        }
        if (kept) {
            device.onCompletion();
        } else {
            device.onOverrun(queue);
        }
    }

    @Override
    public void raise(AsyncEventType type, String detail) {
        DeviceWitness witness = device.witness();
        if (witness != null) {
            witness.raised(core, type);
        }
        device.raise(type, core.number(), detail);
        if (type == AsyncEventType.COMM_EST) {
            device.management().onEstablished(core.number(), device.arrivalNanos());
        }
    }

    @Override
    public TransportCounters counters() {
        return counters;
    }

    @Override
    public LocalPath localPath(Path path) {
        return device.localPath(path.source());
    }
}
