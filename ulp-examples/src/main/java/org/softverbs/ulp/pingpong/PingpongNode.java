package org.softverbs.ulp.pingpong;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletionStatus;

/// One end of a ping-pong: a queue pair, a buffer, and the exchange of messages.
final class PingpongNode implements AutoCloseable {

    /// How a node is set up.
    ///
    /// @param size bytes of a message
    /// @param mtu path MTU
    /// @param gidIndex own GID
    /// @param receiveDepth receives kept posted
    /// @param serviceLevel service level
    /// @param events whether to sleep on events
    record Settings(
            long size, Mtu mtu, int gidIndex, int receiveDepth, int serviceLevel, boolean events) {}

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
    private static final int NUMBER_BOUND = 1 << 24;
    private static final int MIN_RNR_TIMER = 12;
    private static final int TIMEOUT = 14;
    private static final int RETRIES = 7;

    private final Settings settings;
    private final ProtectionDomain domain;
    private final @Nullable CompletionChannel channel;
    private final CompletionQueue completions;
    private final MemoryRegion region;
    private final QueuePair queuePair;
    private final int firstPsn;
    private int posted;

    PingpongNode(DeviceContext context, Settings settings) {
        this.settings = settings;
        domain = context.allocateProtectionDomain();
        channel = settings.events() ? context.createCompletionChannel() : null;
        completions =
                channel == null
                        ? context.createCompletionQueue(settings.receiveDepth() + 1)
                        : context.createCompletionQueue(settings.receiveDepth() + 1, channel);
        MemorySegment buffer = Arena.ofAuto().allocate(settings.size(), 4096);
        PingpongData.fillPlain(buffer);
        region = domain.registerMemory(buffer, EnumSet.of(AccessFlag.LOCAL_WRITE));
        queuePair =
                domain.createQueuePair(
                        QueuePairOptions.reliableConnection(
                                completions,
                                new QueuePairCapabilities(1, settings.receiveDepth(), 1, 1, 0)));
        queuePair.modify(QueuePairAttributes.toInit(Set.of()));
        firstPsn = randomPsn();
        postReceives();
    }

    /// A PSN with a letter among its digits, see [PingpongAddress].
    private static int randomPsn() {
        SecureRandom random = new SecureRandom();
        return random.nextInt(NUMBER_BOUND) | 0xa;
    }

    PingpongAddress address(GidEntry gid) {
        return new PingpongAddress(queuePair.number(), firstPsn, gid.gid(), true);
    }

    void connect(PingpongAddress peer) {
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(
                                new AddressVector(
                                        peer.gid(),
                                        settings.gidIndex(),
                                        0,
                                        1,
                                        0,
                                        settings.serviceLevel(),
                                        1))
                        .destinationQueuePairNumber(peer.queuePairNumber())
                        .receivePacketSequenceNumber(peer.packetSequenceNumber())
                        .pathMtu(settings.mtu())
                        .maxDestinationReadAtomic(1)
                        .minRnrTimer(MIN_RNR_TIMER)
                        .build());
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(firstPsn)
                        .timeout(TIMEOUT)
                        .retryCount(RETRIES)
                        .rnrRetry(RETRIES)
                        .maxReadAtomic(1)
                        .build());
    }

    private void postReceives() {
        ReceiveCursor cursor = queuePair.receiveCursor();
        while (posted < settings.receiveDepth()) {
            cursor.receive(RECEIVE_ID)
                    .element(region.address(), (int) settings.size(), region.localKey())
                    .post();
            posted++;
        }
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
            PingpongData.markPages(region.segment());
        }
        SendCursor sends = queuePair.sendCursor();
        CompletionCursor cursor = completions.cursor();
        if (channel != null) {
            completions.requestNotification(false);
        }
        long start = System.nanoTime();
        int received = 0;
        int sent = 0;
        boolean lastUnconfirmed = false;
        boolean receivePending = true;
        boolean sendPending = first;
        if (first) {
            postSend(sends, 0, everyByte);
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
            if (cursor.workRequestId() == SEND_ID) {
                sent++;
                sendPending = false;
            } else {
                if (everyByte) {
                    verify(received);
                }
                received++;
                receivePending = false;
                if (--posted <= 1) {
                    postReceives();
                }
            }
            if (sent < iterations && !receivePending && !sendPending) {
                postSend(sends, sent, everyByte && first);
                sendPending = true;
                receivePending = true;
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

    private void postSend(SendCursor cursor, int round, boolean fill) {
        if (fill) {
            PingpongData.fill(region.segment(), round);
        }
        cursor.send(SEND_ID)
                .element(region.address(), (int) settings.size(), region.localKey())
                .signaled()
                .post();
    }

    private void verify(int round) {
        long bad = PingpongData.firstBadByte(region.segment(), round);
        if (bad >= 0) {
            throw new ToolException("message " + round + " has a wrong byte at " + bad);
        }
    }

    private void verifyPages() {
        long bad = PingpongData.firstBadPage(region.segment());
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
        queuePair.close();
        region.close();
        completions.close();
        if (channel != null) {
            channel.close();
        }
        domain.close();
    }
}
