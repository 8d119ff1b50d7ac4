package org.softverbs.cm;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// An ID that needs no channel: its verbs wait for their events. With its queue pair, completion
/// queues and protection domain it is all that a simple program needs; a thread of its own, a
/// virtual one at best, works with it.
///
/// Verbs name: `rdma_create_ep`, synchronous IDs (`rdma_create_id` without a channel), and
/// `rdma/rdma_verbs.h`.
public final class ConnectionEndpoint implements AutoCloseable {

    /// How long a verb waits for its event: longer than a connect takes to fail.
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final EventChannel channel;
    private final ConnectionId id;
    private Optional<Attachment> attachment = Optional.empty();
    private Optional<ConnectionParameters> request = Optional.empty();

    /// The queue pair and what it needs.
    private record Attachment(
            ProtectionDomain domain,
            boolean ownsDomain,
            Completions sends,
            Completions receives,
            QueuePair queuePair) {

        /// Closes all but the queue pair, which is the ID's.
        void close() {
            sends.close();
            receives.close();
            if (ownsDomain) {
                domain.close();
            }
        }
    }

    /// A completion queue, and where a thread sleeps until it has something.
    private record Completions(CompletionQueue queue, CompletionChannel channel) {

        static Completions open(DeviceContext device, int entries) {
            CompletionChannel channel = device.createCompletionChannel();
            try {
                return new Completions(device.createCompletionQueue(entries, channel), channel);
            } catch (VerbsException e) {
                channel.close();
                throw e;
            }
        }

        Optional<WorkCompletion> await(Duration timeout) throws InterruptedException {
            Optional<WorkCompletion> found = poll();
            while (found.isEmpty()) {
                queue.requestNotification(false);
                found = poll();
                if (found.isPresent()) {
                    return found;
                }
                if (channel.awaitEvent(timeout).isEmpty()) {
                    return poll();
                }
                queue.acknowledgeEvents(1);
                // An event may tell of a completion that was taken before.
                found = poll();
            }
            return found;
        }

        private Optional<WorkCompletion> poll() {
            return queue.poll(1).stream().findFirst();
        }

        void close() {
            queue.close();
            channel.close();
        }
    }

    private ConnectionEndpoint(EventChannel channel, ConnectionId id) {
        this.channel = channel;
        this.id = id;
    }

    /// An endpoint that is bound to listen, or whose route to a peer is resolved.
    ///
    /// Verbs name: `rdma_create_ep` without queue pair attributes.
    ///
    /// @throws VerbsException when the peer cannot be resolved, with the reason
    /// @throws InterruptedException when the thread is interrupted
    public static ConnectionEndpoint open(ConnectionManager manager, AddressInfo info)
            throws InterruptedException {
        EventChannel channel = manager.createEventChannel();
        ConnectionId id = manager.createId(channel, info.portSpace());
        ConnectionEndpoint endpoint = new ConnectionEndpoint(channel, id);
        try {
            info.source().ifPresent(id::bind);
            if (info.destination().isPresent()) {
                id.resolveAddress(info.destination().get(), LONGEST);
                endpoint.expect("resolveAddress", CmEventType.ADDR_RESOLVED);
                id.resolveRoute(LONGEST);
                endpoint.expect("resolveRoute", CmEventType.ROUTE_RESOLVED);
            }
        } catch (VerbsException | InterruptedException e) {
            endpoint.close();
            throw e;
        }
        return endpoint;
    }

    /// The ID below.
    public ConnectionId id() {
        return id;
    }

    /// Makes a queue pair with completion queues of its own, and a protection domain of its own
    /// unless one is given.
    ///
    /// Verbs name: the queue pair of `rdma_create_ep`, `rdma_create_qp`.
    public QueuePair createQueuePair(
            Optional<ProtectionDomain> given, QueuePairCapabilities capabilities) {
        DeviceContext device =
                id.device()
                        .orElseThrow(
                                () ->
                                        new VerbsException(
                                                Errno.EINVAL,
                                                "createQueuePair",
                                                id + " is not bound to a device"));
        ProtectionDomain domain = given.orElseGet(device::allocateProtectionDomain);
        List<Runnable> undo = new ArrayList<>();
        if (given.isEmpty()) {
            undo.add(domain::close);
        }
        try {
            Completions sends =
                    Completions.open(device, Math.max(1, capabilities.maxSendRequests()));
            undo.add(sends::close);
            Completions receives =
                    Completions.open(device, Math.max(1, capabilities.maxReceiveRequests()));
            undo.add(receives::close);
            QueuePairOptions options =
                    new QueuePairOptions(
                            QueuePairType.RC, sends.queue(), receives.queue(), capabilities, false);
            QueuePair queuePair = id.createQueuePair(domain, options);
            attachment =
                    Optional.of(
                            new Attachment(domain, given.isEmpty(), sends, receives, queuePair));
            return queuePair;
        } catch (VerbsException e) {
            undo.reversed().forEach(Runnable::run);
            throw e;
        }
    }

    private Attachment attachment(String verb) {
        return attachment.orElseThrow(
                () -> new VerbsException(Errno.EINVAL, verb, id + " has no queue pair"));
    }

    /// The protection domain of the queue pair.
    public ProtectionDomain protectionDomain() {
        return attachment("protectionDomain").domain();
    }

    /// Takes requests from now on.
    ///
    /// Verbs name: `rdma_listen`.
    public void listen(int backlog) {
        id.listen(backlog);
    }

    /// Waits for a request to this listener.
    ///
    /// Verbs name: `rdma_get_request`.
    ///
    /// @return an endpoint for it, or nothing when none came in time
    public Optional<ConnectionEndpoint> awaitRequest(Duration timeout) throws InterruptedException {
        Optional<CmEvent> event = channel.await(timeout);
        if (event.isEmpty()) {
            return Optional.empty();
        }
        ConnectionId asked;
        ConnectionParameters parameters;
        try (CmEvent happened = event.get()) {
            requireType("awaitRequest", happened, CmEventType.CONNECT_REQUEST);
            asked = happened.id();
            parameters = happened.parameters();
        }
        EventChannel own = id.manager().createEventChannel();
        asked.migrate(own);
        ConnectionEndpoint endpoint = new ConnectionEndpoint(own, asked);
        endpoint.request = Optional.of(parameters);
        return Optional.of(endpoint);
    }

    /// What the peer that asked says of the connection; nothing on the side that asks.
    public Optional<ConnectionParameters> request() {
        return request;
    }

    /// Connects, and waits until the connection is there.
    ///
    /// Verbs name: `rdma_connect`.
    ///
    /// @return what the peer says of the connection
    /// @throws VerbsException `ECONNREFUSED` when the peer refuses, `ETIMEDOUT` when it does not
    ///     answer; the explanation says why
    public ConnectionParameters connect(ConnectionParameters parameters)
            throws InterruptedException {
        id.connect(parameters);
        return expect("connect", CmEventType.ESTABLISHED);
    }

    /// Accepts, and waits until the connection is there.
    ///
    /// Verbs name: `rdma_accept`.
    ///
    /// @throws VerbsException when the peer goes away
    public void accept(ConnectionParameters parameters) throws InterruptedException {
        id.accept(parameters);
        if (!id.portSpace().isDatagram()) {
            expect("accept", CmEventType.ESTABLISHED);
        }
    }

    /// Refuses.
    ///
    /// Verbs name: `rdma_reject`.
    public void reject(PrivateData privateData) {
        id.reject(RejectReason.CONSUMER_DEFINED, privateData);
    }

    /// Ends the connection, and waits until it is over.
    ///
    /// Verbs name: `rdma_disconnect`.
    public void disconnect() throws InterruptedException {
        id.disconnect();
        if (id.state() == ConnectionIdState.DISCONNECTING) {
            awaitDisconnect(LONGEST);
        }
    }

    /// Waits until the peer ends the connection.
    ///
    /// @return whether it did in time
    public boolean awaitDisconnect(Duration timeout) throws InterruptedException {
        while (id.state() != ConnectionIdState.DISCONNECTED) {
            Optional<CmEvent> event = channel.await(timeout);
            if (event.isEmpty()) {
                return false;
            }
            event.get().acknowledge();
        }
        return true;
    }

    private ConnectionParameters expect(String verb, CmEventType type) throws InterruptedException {
        Optional<CmEvent> event = channel.await(LONGEST);
        if (event.isEmpty()) {
            throw new VerbsException(Errno.ETIMEDOUT, verb, "nothing happened to " + id);
        }
        try (CmEvent happened = event.get()) {
            requireType(verb, happened, type);
            return happened.parameters();
        }
    }

    private static void requireType(String verb, CmEvent event, CmEventType type) {
        if (event.type() == type) {
            return;
        }
        Errno errno =
                switch (event.type()) {
                    case REJECTED -> Errno.ECONNREFUSED;
                    case UNREACHABLE -> Errno.ETIMEDOUT;
                    case ADDR_ERROR, ROUTE_ERROR -> Errno.ENETUNREACH;
                    case DEVICE_REMOVAL -> Errno.ENODEV;
                    default -> Errno.ECONNABORTED;
                };
        String reason =
                event.explanation().map(it -> it.effect().sentence()).orElse(event.toString());
        Optional<Explanation> why = event.explanation();
        throw why.isPresent()
                ? new VerbsException(errno, verb, reason, why.get())
                : new VerbsException(errno, verb, reason);
    }

    /// Registers memory for messages of this side, `rdma_reg_msgs`.
    public MemoryRegion registerMessages(MemorySegment memory) {
        return register(memory, EnumSet.of(AccessFlag.LOCAL_WRITE));
    }

    /// Registers memory that the peer may read, `rdma_reg_read`.
    public MemoryRegion registerRead(MemorySegment memory) {
        return register(memory, EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ));
    }

    /// Registers memory that the peer may write, `rdma_reg_write`.
    public MemoryRegion registerWrite(MemorySegment memory) {
        return register(memory, EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE));
    }

    private MemoryRegion register(MemorySegment memory, EnumSet<AccessFlag> access) {
        return attachment("register").domain().registerMemory(memory, access);
    }

    /// Posts a receive, `rdma_post_recv`.
    public void postReceive(long workId, Sge... elements) {
        attachment("postReceive")
                .queuePair()
                .postReceive(new ReceiveWorkRequest(workId, List.of(elements)));
    }

    /// Posts a message, signaled, `rdma_post_send`.
    public void postSend(long workId, Sge... elements) {
        post(new SendWorkRequest.Send(workId, List.of(elements), EnumSet.of(SendFlag.SIGNALED)));
    }

    /// Posts any request: RDMA READ and WRITE, `rdma_post_read` and `rdma_post_write`.
    public void post(SendWorkRequest wanted) {
        attachment("post").queuePair().postSend(wanted);
    }

    /// Waits for a completion of the send queue, `rdma_get_send_comp`.
    ///
    /// @return nothing when none came in time
    /// @throws InterruptedException when the thread is interrupted
    public Optional<WorkCompletion> awaitSend(Duration timeout) throws InterruptedException {
        return attachment("awaitSend").sends().await(timeout);
    }

    /// Waits for a completion of the receive queue, `rdma_get_recv_comp`.
    ///
    /// @return nothing when none came in time
    /// @throws InterruptedException when the thread is interrupted
    public Optional<WorkCompletion> awaitReceive(Duration timeout) throws InterruptedException {
        return attachment("awaitReceive").receives().await(timeout);
    }

    /// Ends the connection, if there is one, and closes all that was made here; regions of memory
    /// must be closed before.
    ///
    /// Verbs name: `rdma_destroy_ep`.
    @Override
    public void close() {
        id.close();
        attachment.ifPresent(Attachment::close);
        attachment = Optional.empty();
        channel.close();
    }
}
