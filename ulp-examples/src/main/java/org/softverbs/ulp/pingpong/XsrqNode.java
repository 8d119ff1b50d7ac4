package org.softverbs.ulp.pingpong;

import java.lang.foreign.Arena;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletionStatus;
import org.softverbs.verbs.XrcDomain;

/// One end of an `xsrq-pingpong`: a shared receive queue of an XRC domain, two queue pairs for each
/// peer, and the exchange of messages.
///
/// The server sends to a client's queue in turns over the connections to all clients, as these
/// share a domain. Ours share it when they have a device in common: connections that lead to
/// another address are left out.
final class XsrqNode implements AutoCloseable {

    private static final String DOMAIN = "xsrq-pingpong";
    private static final int NUMBER_BOUND = 1 << 24;
    private static final String TERMINATION = "END";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// How long to sleep before looking whether the peer has said something.
    private static final Duration SHORT_SLEEP = Duration.ofMillis(10);

    private final XsrqPingpong.Settings settings;
    private final Duration patience;
    private final GlobalIdentifier gid;
    private final ProtectionDomain memory;
    private final MemoryRegion region;
    private final XrcDomain domain;
    private final @Nullable CompletionChannel channel;
    private final CompletionQueue receives;
    private final CompletionQueue sends;
    private final SharedReceiveQueue queue;
    private final ReceiveCursor receiveCursor;
    private final List<XsrqLane> lanes = new ArrayList<>();

    /// @param context may be that of other clients
    XsrqNode(DeviceContext context, GlobalIdentifier gid, XsrqPingpong.Settings settings) {
        this(context, gid, settings, PATIENCE);
    }

    /// @param patience how long a peer may be silent
    XsrqNode(
            DeviceContext context,
            GlobalIdentifier gid,
            XsrqPingpong.Settings settings,
            Duration patience) {
        this.settings = settings;
        this.patience = patience;
        this.gid = gid;
        int clients = settings.clients();
        memory = context.allocateProtectionDomain();
        Set<AccessFlag> access = EnumSet.of(AccessFlag.LOCAL_WRITE);
        if (settings.onDemand()) {
            access.add(AccessFlag.ON_DEMAND);
        }
        region = memory.registerMemory(Arena.ofAuto().allocate(settings.size(), 4096), access);
        domain = context.openXrcDomain(DOMAIN);
        channel = settings.events() ? context.createCompletionChannel() : null;
        receives =
                channel == null
                        ? context.createCompletionQueue(clients)
                        : context.createCompletionQueue(clients, channel);
        sends = context.createCompletionQueue(clients);
        queue =
                memory.createXrcSharedReceiveQueue(
                        new SharedReceiveQueueOptions(clients, 1, 0), domain, receives);
        receiveCursor = queue.receiveCursor();
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < clients; i++) {
            lanes.add(newLane(random.nextInt(NUMBER_BOUND)));
            postReceive();
        }
    }

    private XsrqLane newLane(int firstPsn) {
        int most = settings.clients() * settings.tests();
        return new XsrqLane(
                memory.createQueuePair(QueuePairOptions.xrcTarget(domain, sends)),
                memory.createQueuePair(
                        new QueuePairOptions(
                                QueuePairType.XRC_SEND,
                                sends,
                                sends,
                                new QueuePairCapabilities(most, 1, 1, 1, 0),
                                false)),
                firstPsn);
    }

    int size() {
        return lanes.size();
    }

    /// What a peer is told.
    XsrqAddress address(int index) {
        XsrqLane lane = lanes.get(index);
        return new XsrqAddress(
                lane.receiveNumber(), lane.sendNumber(), lane.firstPsn(), queue.number(), gid);
    }

    /// @param toPeer closed with this
    void connect(int index, XsrqAddress peer, SideChannel toPeer) {
        lanes.get(index).channel(toPeer);
        lanes.get(index).connect(peer, settings);
    }

    private void postReceive() {
        receiveCursor
                .receive(0)
                .element(region.address(), settings.size(), region.localKey())
                .post();
    }

    /// Sends to a peer's queue; the last message is signaled.
    private void postSend(int index) {
        XsrqLane to = lanes.get(index);
        List<XsrqLane> ways =
                lanes.stream().filter(it -> it.peer().gid().equals(to.peer().gid())).toList();
        XsrqLane over = ways.get((ways.indexOf(to) + to.sent) % ways.size());
        to.sent++;
        SendCursor send =
                over.sends()
                        .send(index)
                        .remoteSharedReceiveQueue(to.peer().queueNumber())
                        .element(region.address(), settings.size(), region.localKey());
        if (to.sent >= settings.tests()) {
            send.signaled();
        }
        send.post();
    }

    private int laneOf(int queuePairNumber) {
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get(i).receiveNumber() == queuePairNumber) {
                return i;
            }
        }
        // A client has one peer, whichever target of the domain a message came by.
        if (lanes.size() == 1) {
            return 0;
        }
        throw new ToolException("a completion of a queue pair that is not there");
    }

    /// Exchanges all messages.
    ///
    /// @param first whether this end begins
    void run(boolean first) throws InterruptedException {
        if (channel != null) {
            receives.requestNotification(false);
        }
        for (int i = 0; first && i < lanes.size(); i++) {
            postSend(i);
        }
        CompletionCursor received = receives.cursor();
        CompletionCursor completed = sends.cursor();
        int total = lanes.size() * settings.tests();
        for (int count = 0; count < total; count++) {
            await(received, receives, channel);
            postReceive();
            int index = laneOf(received.queuePairNumber());
            if (lanes.get(index).sent < settings.tests()) {
                postSend(index);
            }
        }
        for (int count = 0; count < lanes.size(); count++) {
            await(completed, sends, null);
        }
    }

    private void await(
            CompletionCursor cursor, CompletionQueue from, @Nullable CompletionChannel events)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!cursor.next()) {
            if (System.nanoTime() > end) {
                throw new ToolException(
                        "a peer was silent for " + patience.toSeconds() + " seconds");
            }
            if (events != null && events.awaitEvent(Duration.ofSeconds(1)).isPresent()) {
                from.acknowledgeEvents(1);
                from.requestNotification(false);
            } else {
                Thread.onSpinWait();
            }
        }
        if (cursor.status() != WorkCompletionStatus.SUCCESS) {
            throw new ToolException(
                    "Work completion error "
                            + cursor.status().number()
                            + ": "
                            + cursor.explain().line());
        }
    }

    /// Agrees with the peers that all is done: a message for one client may come by the target of
    /// another, which has to stay until then.
    ///
    /// @param server whether this end lets the others go
    void terminate(boolean server) throws InterruptedException {
        if (!server) {
            lanes.forEach(lane -> lane.channel().sendString(TERMINATION));
        }
        for (XsrqLane lane : lanes) {
            awaitTermination(lane.channel());
        }
        if (server) {
            lanes.forEach(lane -> lane.channel().sendString(TERMINATION));
        }
    }

    /// Polls meanwhile: whoever polls drives the device, and a peer may ask for an acknowledgement
    /// again that was lost.
    private void awaitTermination(SideChannel peer) throws InterruptedException {
        peer.readTimeout(patience);
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                said.complete(
                                        peer.receiveString(
                                                TERMINATION.length() + 1, "termination ack"));
                            } catch (ToolException gone) {
                                said.completeExceptionally(gone);
                            }
                        });
        CompletionCursor cursor = receives.cursor();
        while (!said.isDone()) {
            if (!cursor.next()) {
                pause();
            }
        }
        if (said.isCompletedExceptionally() && said.exceptionNow() instanceof ToolException gone) {
            throw gone;
        }
        if (!said.join().equals(TERMINATION)) {
            throw new ToolException("Invalid termination ack was accepted");
        }
    }

    private void pause() throws InterruptedException {
        CompletionChannel events = channel;
        if (events == null) {
            Thread.onSpinWait();
        } else if (events.awaitEvent(SHORT_SLEEP).isPresent()) {
            receives.acknowledgeEvents(1);
            receives.requestNotification(false);
        }
    }

    @Override
    public void close() {
        lanes.forEach(XsrqLane::close);
        queue.close();
        domain.close();
        sends.close();
        receives.close();
        region.close();
        memory.close();
        if (channel != null) {
            channel.close();
        }
    }
}
