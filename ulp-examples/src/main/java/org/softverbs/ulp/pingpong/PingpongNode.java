package org.softverbs.ulp.pingpong;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletionStatus;

/// One end of a ping-pong: a queue pair, a buffer, and the exchange of messages.
final class PingpongNode implements AutoCloseable {

    /// How a node is set up.
    ///
    /// @param service what it goes over
    /// @param connections queue pairs
    /// @param size bytes of a message
    /// @param mtu path MTU
    /// @param gidIndex own GID
    /// @param receiveDepth receives kept posted
    /// @param serviceLevel service level
    /// @param events whether to sleep on events
    record Settings(
            PingpongService service,
            int connections,
            long size,
            Mtu mtu,
            int gidIndex,
            int receiveDepth,
            int serviceLevel,
            boolean events) {

        /// Bytes in front of a message in its receive.
        int prefix() {
            return service == PingpongService.UD ? DatagramSource.GLOBAL_ROUTE_LENGTH : 0;
        }
    }

    /// How a run went.
    ///
    /// @param nanos time from the first message to the last
    /// @param lastUnconfirmed whether the acknowledgement of our very last message never came: the
    ///     peer had all it wanted and went away
    record Result(long nanos, boolean lastUnconfirmed) {}

    private static final long RECEIVE_ID = 1;
    private static final long SEND_ID = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LINGER = Duration.ofMillis(300);

    private final Settings settings;
    private final ProtectionDomain domain;
    private final @Nullable CompletionChannel channel;
    private final CompletionQueue completions;
    private final MemoryRegion region;
    private final @Nullable SharedReceiveQueue shared;
    private final List<PingpongLane> lanes = new ArrayList<>();
    private final ReceiveCursor receiveCursor;
    private int posted;

    PingpongNode(DeviceContext context, Settings settings) {
        this.settings = settings;
        int mtu = context.queryPort(1).activeMtu().bytes();
        if (settings.service() == PingpongService.UD && settings.size() > mtu) {
            throw new ToolException(
                    "Requested size " + settings.size() + " is larger than the port MTU " + mtu);
        }
        domain = context.allocateProtectionDomain();
        channel = settings.events() ? context.createCompletionChannel() : null;
        int entries = settings.receiveDepth() + settings.connections();
        completions =
                channel == null
                        ? context.createCompletionQueue(entries)
                        : context.createCompletionQueue(entries, channel);
        long bytes = settings.prefix() + settings.size();
        MemorySegment buffer = Arena.ofAuto().allocate(bytes, 4096);
        PingpongData.fillPlain(buffer);
        region = domain.registerMemory(buffer, EnumSet.of(AccessFlag.LOCAL_WRITE));
        shared =
                settings.service() == PingpongService.SRQ
                        ? domain.createSharedReceiveQueue(
                                new SharedReceiveQueueOptions(settings.receiveDepth(), 1, 0))
                        : null;
        for (int i = 0; i < settings.connections(); i++) {
            lanes.add(new PingpongLane(domain, options(), settings));
        }
        receiveCursor = shared == null ? lanes.getFirst().receiveCursor() : shared.receiveCursor();
        postReceives();
    }

    private QueuePairOptions options() {
        QueuePairOptions own =
                new QueuePairOptions(
                        settings.service().type(),
                        completions,
                        completions,
                        new QueuePairCapabilities(1, settings.receiveDepth(), 1, 1, 0),
                        false);
        return shared == null ? own : own.withSharedReceiveQueue(shared);
    }

    List<PingpongAddress> addresses(GidEntry gid) {
        return lanes.stream().map(lane -> lane.address(gid)).toList();
    }

    /// @param peers one for each queue pair
    void connect(List<PingpongAddress> peers) {
        for (int i = 0; i < lanes.size(); i++) {
            lanes.get(i).connect(domain, peers.get(i));
        }
    }

    private void postReceives() {
        while (posted < settings.receiveDepth()) {
            receiveCursor
                    .receive(RECEIVE_ID)
                    .element(
                            region.address(),
                            settings.prefix() + (int) settings.size(),
                            region.localKey())
                    .post();
            posted++;
        }
    }

    private MemorySegment message() {
        return region.segment().asSlice(settings.prefix());
    }

    private PingpongLane lane(int queuePairNumber) {
        for (PingpongLane lane : lanes) {
            if (lane.number() == queuePairNumber) {
                return lane;
            }
        }
        throw new ToolException("a completion of a queue pair that is not there");
    }

    /// Exchanges messages.
    ///
    /// @param first whether this end sends the first one
    /// @param iterations messages each way
    /// @param checkEveryByte null for no check, false for what the original checks, true for all
    Result run(boolean first, int iterations, @Nullable Boolean checkEveryByte)
            throws InterruptedException {
        boolean everyByte = checkEveryByte != null && checkEveryByte;
        if (first && checkEveryByte != null && !everyByte) {
            PingpongData.markPages(message());
        }
        CompletionCursor cursor = completions.cursor();
        if (channel != null) {
            completions.requestNotification(false);
        }
        long start = System.nanoTime();
        int received = 0;
        int sent = 0;
        boolean lastUnconfirmed = false;
        for (PingpongLane lane : lanes) {
            lane.awaitReceive();
            if (first) {
                postSend(lane, 0, everyByte);
            }
        }
        while (received < iterations || sent < iterations) {
            await(cursor);
            boolean wasLast = sent == iterations - 1 && received == iterations;
            if (wasLast && cursor.status() == WorkCompletionStatus.RETRY_EXC_ERR) {
                lastUnconfirmed = true;
            } else if (cursor.status() != WorkCompletionStatus.SUCCESS) {
                throw new ToolException(
                        "Failed status "
                                + cursor.status().description()
                                + " ("
                                + cursor.status().number()
                                + ") for wr_id "
                                + cursor.workRequestId()
                                + ": "
                                + cursor.explain().line());
            }
            PingpongLane lane = lane(cursor.queuePairNumber());
            if (cursor.workRequestId() == SEND_ID) {
                sent++;
                lane.sent();
            } else {
                if (everyByte) {
                    verify(received);
                }
                received++;
                lane.received();
                if (--posted <= lanes.size()) {
                    postReceives();
                }
            }
            if (sent < iterations && lane.isIdle()) {
                lane.awaitReceive();
                postSend(lane, sent, everyByte && first);
            }
        }
        long nanos = System.nanoTime() - start;
        if (!first && checkEveryByte != null && !everyByte) {
            verifyPages();
        }
        return new Result(nanos, lastUnconfirmed);
    }

    /// Stays for a while, so that a last message that the peer repeats, because our acknowledgement
    /// was lost, is acknowledged again.
    void linger() {
        CompletionCursor cursor = completions.cursor();
        long end = System.nanoTime() + LINGER.toNanos();
        while (System.nanoTime() < end) {
            if (!cursor.next()) {
                Thread.onSpinWait();
            }
        }
    }

    private void postSend(PingpongLane lane, int round, boolean fill) {
        if (fill) {
            PingpongData.fill(message(), round);
        }
        lane.postSend(
                SEND_ID,
                region.address() + settings.prefix(),
                (int) settings.size(),
                region.localKey());
    }

    private void verify(int round) {
        long bad = PingpongData.firstBadByte(message(), round);
        if (bad >= 0) {
            throw new ToolException("message " + round + " has a wrong byte at " + bad);
        }
    }

    private void verifyPages() {
        long bad = PingpongData.firstBadPage(message());
        if (bad >= 0) {
            throw new ToolException("invalid data in page " + bad);
        }
    }

    private void await(CompletionCursor cursor) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!cursor.next()) {
            if (System.nanoTime() > end) {
                throw new ToolException(
                        "the peer was silent for " + PATIENCE.toSeconds() + " seconds");
            }
            if (channel != null && channel.awaitEvent(Duration.ofSeconds(1)).isPresent()) {
                completions.acknowledgeEvents(1);
                completions.requestNotification(false);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        lanes.forEach(PingpongLane::close);
        if (shared != null) {
            shared.close();
        }
        region.close();
        completions.close();
        if (channel != null) {
            channel.close();
        }
        domain.close();
    }
}
