package org.softverbs.ulp.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.EventChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Over a connection of the connection manager, with a message for each part: what perftest does
/// with `-R`.
///
/// One thread at a time sends or receives.
final class ManagedConversation implements PerfConversation {

    private static final int LARGEST = 64;
    private static final int RECEIVES = 8;
    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final Duration SEND_PATIENCE = Duration.ofSeconds(30);

    private final ConnectionId id;
    private final EventChannel events;
    private final ProtectionDomain domain;
    private final CompletionChannel channel;
    private final CompletionQueue sends;
    private final CompletionQueue receives;

    /// Places for messages that come, then one for those that go.
    private final MemoryRegion region;

    private Duration timeout = FOR_EVER;

    /// Makes the queue pair, with receives posted, of an ID that is to be connected.
    ///
    /// @param id closed with this
    /// @param events where those of the ID go; closed with this
    ManagedConversation(ConnectionId id, EventChannel events) {
        this.id = id;
        this.events = events;
        DeviceContext context = id.device().orElseThrow();
        domain = context.allocateProtectionDomain();
        channel = context.createCompletionChannel();
        sends = context.createCompletionQueue(RECEIVES, channel);
        receives = context.createCompletionQueue(RECEIVES, channel);
        region =
                domain.registerMemory(
                        Arena.ofAuto().allocate((RECEIVES + 1) * (long) LARGEST),
                        EnumSet.of(AccessFlag.LOCAL_WRITE));
        id.createQueuePair(
                domain,
                new QueuePairOptions(
                        QueuePairType.RC,
                        sends,
                        receives,
                        new QueuePairCapabilities(RECEIVES, RECEIVES, 1, 1, 0),
                        true));
        for (int i = 0; i < RECEIVES; i++) {
            postReceive(i);
        }
    }

    private void postReceive(long place) {
        id.queuePair()
                .orElseThrow()
                .postReceive(
                        new ReceiveWorkRequest(place, region.element(place * LARGEST, LARGEST)));
    }

    @Override
    public String peer() {
        return id.peerAddress().map(Object::toString).orElse("?");
    }

    @Override
    public boolean isManaged() {
        return true;
    }

    @Override
    public void readTimeout(Duration limit) {
        timeout = limit.isZero() ? FOR_EVER : limit;
    }

    @Override
    public void send(byte[] bytes) {
        long place = RECEIVES * (long) LARGEST;
        MemorySegment.copy(bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, place, bytes.length);
        id.queuePair()
                .orElseThrow()
                .postSend(
                        new SendWorkRequest.Send(
                                0,
                                List.of(region.element(place, bytes.length)),
                                EnumSet.noneOf(SendFlag.class)));
        require(await(sends, SEND_PATIENCE), "the acknowledgement of a message");
    }

    @Override
    public byte[] receive(int length, String what) {
        WorkCompletion completion = require(await(receives, timeout), what);
        if (completion.byteLength() != length) {
            throw new ToolException(
                    "%s sent a %s of %d bytes, not %d"
                            .formatted(peer(), what, completion.byteLength(), length));
        }
        long place = completion.workRequestId();
        byte[] bytes =
                region.segment().asSlice(place * LARGEST, length).toArray(ValueLayout.JAVA_BYTE);
        postReceive(place);
        return bytes;
    }

    private WorkCompletion require(Optional<WorkCompletion> found, String what) {
        WorkCompletion completion =
                found.orElseThrow(
                        () -> new ToolException(peer() + " did not send its " + what + " in time"));
        if (!completion.isSuccess()) {
            throw new ToolException(
                    "waiting for the "
                            + what
                            + " of "
                            + peer()
                            + ": "
                            + completion.explain().line());
        }
        return completion;
    }

    private Optional<WorkCompletion> await(CompletionQueue queue, Duration limit) {
        try {
            while (true) {
                queue.requestNotification(false);
                List<WorkCompletion> found = queue.poll(1);
                if (!found.isEmpty()) {
                    return Optional.of(found.getFirst());
                }
                Optional<CompletionQueue> event = channel.awaitEvent(limit);
                if (event.isEmpty()) {
                    return Optional.empty();
                }
                event.get().acknowledgeEvents(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted in the conversation with " + peer(), e);
        }
    }

    @Override
    public void awaitEnd(Duration limit) {
        try {
            // It is the only event that is left.
            events.await(limit).ifPresent(CmEvent::acknowledge);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closeAllButChannel();
        events.close();
    }

    /// What did not come to be connected.
    void closeAllButChannel() {
        id.close();
        region.close();
        sends.close();
        receives.close();
        channel.close();
        domain.close();
    }
}
