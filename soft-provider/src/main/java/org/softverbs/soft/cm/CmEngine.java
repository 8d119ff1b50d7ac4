package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// The communication management of one device, without threads, clocks and sockets: datagrams,
/// verbs and the time go in; datagrams, notices and the next deadline come out.
///
/// Called by the owner of the device only. No datagram makes a method throw. What a peer can make
/// it keep is bounded by [CmLimits].
public final class CmEngine {

    /// What [#nextDeadline()] gives when no timer runs.
    public static final long NO_DEADLINE = CmConnection.NO_DEADLINE;

    private static final int BASE_VERSION = 1;
    private static final int CLASS_VERSION = 2;
    private static final int READY_TO_USE_DATA = 224;
    private static final int SERVICE_REQUEST_DATA = 216;

    private final CmCore core;
    private final ActiveSide active;
    private final PassiveSide passive;
    private final ConnectionEnd end;
    private final Receipts receipts;
    private final ServiceExchange services;
    private final MadHeaderFlyweight header = new MadHeaderFlyweight();

    public CmEngine(CmIdentity identity, CmLimits limits, CmOutput output) {
        this.core = new CmCore(identity, limits, output);
        RequestCheck check = new RequestCheck(identity);
        this.active = new ActiveSide(core);
        this.end = new ConnectionEnd(core);
        this.passive = new PassiveSide(core, end, check);
        this.receipts = new Receipts(core);
        this.services = new ServiceExchange(core, passive, check);
    }

    /// Takes a datagram for queue pair 1 that passed the checks of Q_Key and P_Key.
    ///
    /// @param local where it was sent to
    /// @param remote where it came from
    public void onDatagram(
            MemorySegment segment,
            long offset,
            long length,
            GlobalIdentifier local,
            GlobalIdentifier remote,
            long nowNanos) {
        core.counters.add(CmCounter.RECEIVED_MESSAGES);
        CmAttribute attribute = admit(segment, offset, length);
        if (attribute != null) {
            dispatch(
                    attribute,
                    new Inbound(segment, offset, local, remote, header.transactionId(), nowNanos));
            core.deliver(nowNanos);
        }
    }

    private @Nullable CmAttribute admit(MemorySegment segment, long offset, long length) {
        if (length != MadHeaderFlyweight.MAD_LENGTH) {
            core.counters.add(CmCounter.DROPPED_LENGTH);
            return null;
        }
        header.wrap(segment, offset);
        if (header.baseVersion() != BASE_VERSION
                || header.managementClass() != MadHeaderFlyweight.CLASS_COMMUNICATION_MANAGEMENT
                || header.classVersion() != CLASS_VERSION
                || header.method() != MadHeaderFlyweight.METHOD_SEND) {
            core.counters.add(CmCounter.DROPPED_HEADER);
            return null;
        }
        CmAttribute attribute = CmAttribute.of(header.attributeId());
        if (attribute == null) {
            core.counters.add(CmCounter.DROPPED_ATTRIBUTE);
        }
        return attribute;
    }

    private void dispatch(CmAttribute attribute, Inbound mad) {
        switch (attribute) {
            case REQ -> passive.onRequest(mad);
            case MRA -> receipts.onMessageReceipt(mad);
            case REJ -> end.onReject(mad);
            case REP -> active.onReply(mad);
            case RTU -> passive.onReadyToUse(mad);
            case DREQ -> end.onDisconnectRequest(mad);
            case DREP -> end.onDisconnectReply(mad);
            case SIDR_REQ -> services.onRequest(mad);
            case SIDR_REP -> services.onReply(mad);
            case LAP -> receipts.onLoadAlternatePath(mad);
            case APR -> receipts.onAlternatePathResponse();
        }
    }

    /// Lets timers act that are due, each once however late it is.
    public void onTimer(long nowNanos) {
        CmConnection due = core.timers.pollDue(nowNanos);
        while (due != null) {
            fire(due, nowNanos);
            core.deliver(nowNanos);
            due = core.timers.pollDue(nowNanos);
        }
    }

    private void fire(CmConnection due, long nowNanos) {
        switch (due.state) {
            case REQ_SENT, MRA_REQ_RECEIVED -> active.onTimer(due, nowNanos);
            case REP_RECEIVED -> active.giveUp(due, CmAttribute.RTU, nowNanos);
            case REQ_RECEIVED, REP_SENT, MRA_REP_RECEIVED -> passive.onTimer(due, nowNanos);
            case DREQ_SENT, TIMEWAIT, REQ_REJECTED -> end.onTimer(due, nowNanos);
            case SIDR_REQ_SENT, SIDR_REQ_RECEIVED, SIDR_ANSWERED -> services.onTimer(due, nowNanos);
            case ESTABLISHED, CLOSED -> {}
        }
    }

    /// When the next timer is due, or [#NO_DEADLINE].
    public long nextDeadline() {
        return core.timers.next();
    }

    /// Takes requests for a service from now on.
    ///
    /// @param address the address to listen on; nothing for all of them
    /// @param backlog most requests that wait to be taken, above 0
    /// @throws VerbsException `EADDRINUSE` when somebody does already
    public CmListener listen(
            long serviceId, Optional<GlobalIdentifier> address, int backlog, CmConsumer consumer) {
        CmListener listener = new CmListener(serviceId, address, backlog, consumer);
        if (!core.tables.addListener(listener)) {
            throw new VerbsException(
                    Errno.EADDRINUSE,
                    "listen",
                    "service 0x%016x has a listener on this address".formatted(serviceId));
        }
        return listener;
    }

    /// Takes no more requests. Those that nobody took yet are rejected.
    public void stopListening(CmListener listener, long nowNanos) {
        core.tables.removeListener(listener);
        if (listener.waiting == 0) {
            return;
        }
        for (CmConnection connection : core.tables.all()) {
            if (Objects.equals(connection.waitingAt, listener)) {
                abandon(connection, nowNanos);
            }
        }
        core.deliver(nowNanos);
    }

    /// The program took the request off its listener's backlog, though it has not answered yet.
    public void taken(CmConnection connection) {
        CmCore.taken(connection);
    }

    /// Asks for a connection.
    ///
    /// @throws VerbsException `ENOMEM` at the limit of connections, `EBUSY` when the queue pair
    ///     belongs to another connection, if only to one in timewait
    /// @throws IllegalArgumentException when the private data is too long
    public CmConnection connect(CmRequest request, CmConsumer consumer, long nowNanos) {
        requireLength(request.privateData(), CmRequest.PRIVATE_DATA_LENGTH);
        requireRoom("connect");
        requireFree(request.queuePair().number(), "connect");
        CmConnection connection = active.connect(request, consumer, nowNanos);
        core.deliver(nowNanos);
        return connection;
    }

    /// Accepts a request, by a REP that is sent until it is answered.
    ///
    /// @throws VerbsException `EINVAL` when the request is no longer there, `EBUSY` when the queue
    ///     pair belongs to another connection, if only to one in timewait
    /// @throws IllegalArgumentException when the private data is too long
    public void accept(CmConnection connection, CmReply reply, long nowNanos) {
        requireLength(reply.privateData(), CmReply.PRIVATE_DATA_LENGTH);
        requireState(connection, "accept", CmState.REQ_RECEIVED);
        requireFree(reply.queuePair().number(), "accept");
        passive.accept(connection, reply, nowNanos);
        core.deliver(nowNanos);
    }

    /// Takes a reply: sends the RTU.
    ///
    /// @throws VerbsException `EINVAL` when no reply waits to be taken
    public void readyToUse(CmConnection connection, PrivateData privateData, long nowNanos) {
        requireLength(privateData, READY_TO_USE_DATA);
        requireState(connection, "establish", CmState.REP_RECEIVED);
        active.readyToUse(connection, privateData);
        core.deliver(nowNanos);
    }

    /// Refuses a request or a reply.
    ///
    /// @throws VerbsException `EINVAL` when neither waits for an answer
    public void reject(
            CmConnection connection,
            RejectReason reason,
            PrivateData additionalInfo,
            PrivateData privateData,
            long nowNanos) {
        requireLength(additionalInfo, CmReject.ADDITIONAL_INFO_LENGTH);
        requireLength(privateData, CmReject.PRIVATE_DATA_LENGTH);
        requireState(connection, "reject", CmState.REQ_RECEIVED, CmState.REP_RECEIVED);
        CmReject.Message message =
                connection.state == CmState.REQ_RECEIVED
                        ? CmReject.Message.REQ
                        : CmReject.Message.REP;
        end.reject(
                connection,
                new CmReject(reason.code(), message, additionalInfo, privateData),
                nowNanos);
        core.deliver(nowNanos);
    }

    /// Data came on the queue pair: the peer is ready, though its RTU did not come. Of no account
    /// on a connection that does not wait for one.
    public void communicationEstablished(CmConnection connection, long nowNanos) {
        if (connection.state == CmState.REP_SENT || connection.state == CmState.MRA_REP_RECEIVED) {
            passive.establish(connection, PrivateData.EMPTY);
            core.deliver(nowNanos);
        }
    }

    /// As [#communicationEstablished(CmConnection, long)], by the number of this side's queue pair.
    public void communicationEstablished(int queuePairNumber, long nowNanos) {
        CmConnection connection = core.tables.byLocalQueuePair(queuePairNumber);
        if (connection != null) {
            communicationEstablished(connection, nowNanos);
        }
    }

    /// Ends a connection, by a DREQ that is sent until it is answered.
    ///
    /// @return whether there was a connection to end
    public boolean disconnect(CmConnection connection, long nowNanos) {
        boolean isConnected =
                switch (connection.state) {
                    case ESTABLISHED, REP_SENT, MRA_REP_RECEIVED -> true;
                    default -> false;
                };
        if (isConnected) {
            end.disconnect(connection, nowNanos);
            core.deliver(nowNanos);
        }
        return isConnected;
    }

    /// The program has given up what this connection was for. It is told nothing any more; the peer
    /// is told that it is over, and what is due then, timewait too, is seen to.
    public void abandon(CmConnection connection, long nowNanos) {
        if (connection.state == CmState.SIDR_REQ_RECEIVED) {
            answer(
                    connection,
                    new CmServiceReply(CmServiceReply.REJECTED, 0, 0, PrivateData.EMPTY),
                    nowNanos);
        }
        end.abandon(connection, nowNanos);
        core.deliver(nowNanos);
    }

    /// Asks for the queue pair of a datagram service.
    ///
    /// @throws VerbsException `ENOMEM` at the limit of connections
    public CmConnection askForService(
            GlobalIdentifier local,
            GlobalIdentifier remote,
            long serviceId,
            CmRequest.Timing timing,
            PrivateData privateData,
            CmConsumer consumer,
            long nowNanos) {
        requireLength(privateData, SERVICE_REQUEST_DATA);
        requireRoom("connect");
        int localId = core.tables.newLocalId();
        ServiceExchange.Question question =
                new ServiceExchange.Question(
                        localId, local, remote, serviceId, timing, privateData);
        CmConnection exchange =
                services.ask(question, consumer, core.newTransactionId(localId), nowNanos);
        core.deliver(nowNanos);
        return exchange;
    }

    /// Answers a request for a datagram service.
    ///
    /// @throws VerbsException `EINVAL` when the request is no longer there
    public void answer(CmConnection exchange, CmServiceReply reply, long nowNanos) {
        requireLength(reply.privateData(), CmServiceReply.PRIVATE_DATA_LENGTH);
        requireState(exchange, "accept", CmState.SIDR_REQ_RECEIVED);
        services.answer(exchange, reply, nowNanos);
        core.deliver(nowNanos);
    }

    /// The device goes away: peers are told once, and everything is forgotten, consumers included.
    public void close(long nowNanos) {
        for (CmConnection connection : core.tables.all()) {
            abandon(connection, nowNanos);
            core.close(connection);
        }
        core.tables.removeListeners();
    }

    /// Whether a queue pair number is not free for a new queue pair: its connection is in timewait,
    /// so that packets to it may still be under way, or not over yet.
    public boolean isTaken(int queuePairNumber) {
        return core.tables.byLocalQueuePair(queuePairNumber) != null;
    }

    /// Whether the connection of a queue pair number is over, and its time of waiting is not.
    public boolean isInTimewait(int queuePairNumber) {
        CmConnection connection = core.tables.byLocalQueuePair(queuePairNumber);
        return connection != null && connection.state == CmState.TIMEWAIT;
    }

    /// All connections and exchanges that the engine knows, by communication ID.
    public List<CmConnection> connections() {
        return core.tables.all();
    }

    /// Connections and exchanges of any state.
    public int connectionCount() {
        return core.tables.connections();
    }

    /// Everything that the engine keeps: connections, their entries in tables, timers, listeners.
    /// Zero when all is over.
    public int retained() {
        return core.tables.connections()
                + core.tables.indexEntries()
                + core.tables.listeners()
                + core.timers.size();
    }

    public CmCounters counters() {
        return core.counters;
    }

    private void requireRoom(String verb) {
        if (core.tables.connections() >= core.limits.connections()) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    verb,
                    "the limit of %d connections is reached".formatted(core.limits.connections()));
        }
    }

    private void requireFree(int queuePair, String verb) {
        CmConnection other = core.tables.byLocalQueuePair(queuePair);
        if (other != null) {
            throw new VerbsException(
                    Errno.EBUSY, verb, "queue pair 0x%x belongs to %s".formatted(queuePair, other));
        }
    }

    private static void requireState(CmConnection connection, String verb, CmState... states) {
        if (!List.of(states).contains(connection.state)) {
            throw new VerbsException(
                    Errno.EINVAL,
                    verb,
                    "%s, and %s is needed".formatted(connection, List.of(states)));
        }
    }

    private static void requireLength(PrivateData data, int limit) {
        if (data.length() > limit) {
            throw new IllegalArgumentException(
                    "%d bytes of private data exceed the limit %d".formatted(data.length(), limit));
        }
    }
}
