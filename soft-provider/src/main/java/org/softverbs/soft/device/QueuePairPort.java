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
import org.softverbs.soft.roce.RcEngine;
import org.softverbs.soft.roce.UnreliableEngine;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.LocalPath;

/// A queue pair's place in its device: connects its engine to link, completion queues and events,
/// and holds what the device keeps about it.
final class QueuePairPort implements EngineOutput {

    private final DeviceEngine device;
    private final QueuePairCore core;
    private final SoftCompletionQueue sendCompletions;
    private final SoftCompletionQueue receiveCompletions;
    private final TransportEngine engine;
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

    QueuePairPort(
            DeviceEngine device,
            QueuePairCore core,
            SoftCompletionQueue sendCompletions,
            SoftCompletionQueue receiveCompletions) {
        this.device = device;
        this.core = core;
        this.sendCompletions = sendCompletions;
        this.receiveCompletions = receiveCompletions;
        this.engine =
                switch (core.type()) {
                    case RC -> new RcEngine(core, this);
                    case UC -> UnreliableEngine.connection(core, this);
                    case UD -> UnreliableEngine.datagrams(core, this);
                };
    }

    QueuePairCore core() {
        return core;
    }

    TransportEngine engine() {
        return engine;
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
        device.counters().add(TransportCounter.SENT_PACKETS);
        device.counters().add(TransportCounter.SENT_BYTES, packet.length());
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
        complete(receiveCompletions, true);
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
        return device.counters();
    }

    @Override
    public LocalPath localPath(Path path) {
        return device.localPath(path.source());
    }
}
