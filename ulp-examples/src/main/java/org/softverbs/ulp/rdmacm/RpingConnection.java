package org.softverbs.ulp.rdmacm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// One connection of an `rping`: its queue pair, its memory, and both sides of the conversation.
///
/// Belongs to the thread that works with it; another one watches for its end.
final class RpingConnection implements AutoCloseable {

    /// What the conversation is like.
    ///
    /// @param size bytes of a ping; of a server those that it has room for
    /// @param count pings, 0 for no end
    /// @param ownsQueuePair whether the queue pair is made and moved without the manager
    /// @param isVerbose whether data is printed
    /// @param isValidated whether data that came back is compared
    /// @param isDebugged whether each step is printed
    record Settings(
            int size,
            int count,
            boolean ownsQueuePair,
            boolean isVerbose,
            boolean isValidated,
            boolean isDebugged) {}

    /// Where data of the peer is: address, remote key and length in network order.
    private record Advertisement(long address, int key, int length) {

        static final int LENGTH = 16;

        private static final ValueLayout.OfLong U64 =
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        private static final ValueLayout.OfInt U32 =
                ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

        static Advertisement read(MemorySegment from) {
            return new Advertisement(from.get(U64, 0), from.get(U32, 8), from.get(U32, 12));
        }

        void write(MemorySegment to) {
            to.set(U64, 0, address);
            to.set(U32, 8, key);
            to.set(U32, 12, length);
        }
    }

    private static final int SEND_DEPTH = 16;
    private static final int RECEIVE_DEPTH = 2;
    private static final int FIRST_LETTER = 'A';
    private static final int LAST_LETTER = 'z';
    private static final Duration FOR_EVER = Duration.ofDays(1);
    private static final Duration GOODBYE_PATIENCE = Duration.ofSeconds(10);
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private final ConnectionId id;
    private final Settings settings;
    private final CmCommand console;
    private final AtomicInteger pings;
    private final ProtectionDomain domain;
    private final Completions completions;
    private final QueuePair queuePair;

    /// A message that comes, then one that goes.
    private final MemoryRegion messages;

    /// Of a client what it tells the server to read.
    private final MemoryRegion start;

    /// What the server writes into; of a server what it has read.
    private final MemoryRegion sink;

    private final Thread watcher = Thread.ofVirtual().unstarted(this::watch);

    /// @param id that is resolved, or came with a request; closed with this
    RpingConnection(ConnectionId id, Settings settings, CmCommand console, AtomicInteger pings) {
        this.id = id;
        this.settings = settings;
        this.console = console;
        this.pings = pings;
        domain = id.device().orElseThrow().allocateProtectionDomain();
        completions = new Completions(domain.context(), SEND_DEPTH * 2);
        QueuePairOptions options =
                QueuePairOptions.reliableConnection(
                        completions.queue(),
                        new QueuePairCapabilities(SEND_DEPTH, RECEIVE_DEPTH, 1, 1, 0));
        queuePair =
                settings.ownsQueuePair()
                        ? domain.createQueuePair(options)
                        : id.createQueuePair(domain, options);
        messages = register(Advertisement.LENGTH * 2, AccessFlag.LOCAL_WRITE);
        start = register(settings.size(), AccessFlag.REMOTE_READ);
        sink = register(settings.size(), AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE);
        if (settings.ownsQueuePair()) {
            queuePair.modify(QueuePairAttributes.toInit(Set.of()));
        }
        postReceive();
    }

    private MemoryRegion register(int length, AccessFlag... access) {
        return domain.registerMemory(Arena.ofAuto().allocate(length, Long.BYTES), Set.of(access));
    }

    private ConnectionParameters parameters() {
        ConnectionParameters.Builder builder =
                ConnectionParameters.builder().responderResources(1).initiatorDepth(1);
        if (settings.ownsQueuePair()) {
            builder.queuePairNumber(queuePair.number());
        }
        return builder.build();
    }

    private void moveOwnQueuePair() {
        queuePair.modify(id.queuePairAttributes(QueuePairState.INIT));
        queuePair.modify(id.queuePairAttributes(QueuePairState.RTR));
        queuePair.modify(id.queuePairAttributes(QueuePairState.RTS));
    }

    /// Connects to the server.
    void connect() throws InterruptedException {
        id.connect(parameters());
        if (settings.ownsQueuePair()) {
            CmEvents.expect(id.channel(), CmEventType.CONNECT_RESPONSE);
            moveOwnQueuePair();
            id.establish();
        } else {
            CmEvents.expect(id.channel(), CmEventType.ESTABLISHED);
        }
        debug("connected: " + id);
        watcher.start();
    }

    /// Accepts the client.
    void accept() throws InterruptedException {
        if (settings.ownsQueuePair()) {
            moveOwnQueuePair();
            id.accept(parameters());
        } else {
            id.accept(ConnectionParameters.DEFAULT);
        }
        CmEvents.expect(id.channel(), CmEventType.ESTABLISHED);
        debug("accepted: " + id);
        watcher.start();
    }

    /// Waits for the end of the connection, and has requests flushed that wait for the peer.
    private void watch() {
        try {
            Optional<CmEvent> event = CmEvents.next(id.channel(), FOR_EVER);
            while (event.isEmpty()) {
                event = CmEvents.next(id.channel(), FOR_EVER);
            }
            debug(event.get().toString());
            if (settings.ownsQueuePair()) {
                queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The client's side.
    ///
    /// @throws ToolException when the server goes away, or data is not what it was
    void ping() throws InterruptedException {
        for (int ping = 0; settings.count() == 0 || ping < settings.count(); ping++) {
            fill(ping);
            advertise(start);
            requireReceive(ping);
            advertise(sink);
            requireReceive(ping);
            long bad = start.segment().mismatch(sink.segment());
            if (settings.isValidated() && bad >= 0) {
                throw new ToolException("data mismatch! ping " + ping + ", byte " + bad);
            }
            if (settings.isVerbose()) {
                console.say("ping data: " + text());
            }
            pings.incrementAndGet();
        }
    }

    private void requireReceive(int ping) throws InterruptedException {
        if (!await(WorkCompletionOpcode.RECV)) {
            throw new ToolException("the server ended the connection in ping " + ping);
        }
        postReceive();
    }

    private void fill(int ping) {
        byte[] prefix = ("rdma-ping-" + ping + ": ").getBytes(StandardCharsets.US_ASCII);
        MemorySegment data = start.segment();
        MemorySegment.copy(prefix, 0, data, ValueLayout.JAVA_BYTE, 0, prefix.length);
        int letters = LAST_LETTER - FIRST_LETTER + 1;
        int last = settings.size() - 1;
        for (int i = prefix.length; i < last; i++) {
            int letter = FIRST_LETTER + (ping + i - prefix.length) % letters;
            data.set(ValueLayout.JAVA_BYTE, i, (byte) letter);
        }
        data.set(ValueLayout.JAVA_BYTE, last, (byte) 0);
    }

    /// The server's side, until the client ends it.
    void echo() throws InterruptedException {
        while (await(WorkCompletionOpcode.RECV)) {
            Advertisement source = received();
            queuePair.postSend(
                    new SendWorkRequest.RdmaRead(
                            0,
                            List.of(sink.element(0, source.length())),
                            source.address(),
                            source.key(),
                            SIGNALED));
            if (!await(WorkCompletionOpcode.RDMA_READ)) {
                break;
            }
            if (settings.isVerbose()) {
                console.say("server ping data: " + text());
            }
            goAhead();
            if (!await(WorkCompletionOpcode.RECV)) {
                break;
            }
            Advertisement target = received();
            queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            0,
                            List.of(sink.element(0, text().length() + 1L)),
                            target.address(),
                            target.key(),
                            SIGNALED));
            if (!await(WorkCompletionOpcode.RDMA_WRITE)) {
                break;
            }
            goAhead();
            pings.incrementAndGet();
        }
        console.complain("server DISCONNECT EVENT...");
    }

    /// The text in the sink.
    private String text() {
        byte[] bytes = sink.segment().toArray(ValueLayout.JAVA_BYTE);
        int end = 0;
        while (end < bytes.length - 1 && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    private Advertisement received() {
        Advertisement told = Advertisement.read(messages.segment());
        if (told.length() < 0 || told.length() > settings.size()) {
            throw new ToolException(
                    "the client pings with "
                            + Integer.toUnsignedLong(told.length())
                            + " bytes, more than "
                            + settings.size());
        }
        debug("received " + told);
        postReceive();
        return told;
    }

    private void advertise(MemoryRegion region) {
        Advertisement own =
                new Advertisement(region.address(), region.remoteKey(), settings.size());
        own.write(messages.segment().asSlice(Advertisement.LENGTH));
        debug("advertise " + own);
        goAhead();
    }

    private void goAhead() {
        queuePair.postSend(
                new SendWorkRequest.Send(
                        0,
                        List.of(messages.element(Advertisement.LENGTH, Advertisement.LENGTH)),
                        SIGNALED));
    }

    private void postReceive() {
        queuePair.postReceive(new ReceiveWorkRequest(0, messages.element(0, Advertisement.LENGTH)));
    }

    /// Waits for a completion, past those of SENDs.
    ///
    /// @return false when the connection is over
    private boolean await(WorkCompletionOpcode wanted) throws InterruptedException {
        while (true) {
            CompletionCursor completion = completions.await();
            if (completion.status() == WorkCompletionStatus.WR_FLUSH_ERR) {
                return false;
            }
            WorkCompletionOpcode opcode = completion.opcode();
            if (opcode == wanted) {
                if (opcode.isReceive() && completion.byteLength() != Advertisement.LENGTH) {
                    throw new ToolException("received bogus data, size " + completion.byteLength());
                }
                return true;
            }
            if (opcode != WorkCompletionOpcode.SEND) {
                throw new ToolException("a " + opcode + " completed, not a " + wanted);
            }
        }
    }

    /// Ends the connection from this side.
    void disconnect() throws InterruptedException {
        if (settings.ownsQueuePair()) {
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        }
        id.disconnect();
        watcher.join(GOODBYE_PATIENCE);
    }

    /// Stays until the peer cannot ask again for the end of the connection: an answer that is lost
    /// is given a second time.
    void awaitTimewait() throws InterruptedException {
        id.disconnect();
        watcher.join(GOODBYE_PATIENCE);
        CmEvents.next(id.channel(), GOODBYE_PATIENCE);
    }

    private void debug(String line) {
        if (settings.isDebugged()) {
            console.complain(line);
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
        try {
            if (watcher.getState() != Thread.State.NEW) {
                watcher.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (settings.ownsQueuePair()) {
            queuePair.close();
        }
        id.close();
        messages.close();
        start.close();
        sink.close();
        completions.close();
        domain.close();
    }
}
