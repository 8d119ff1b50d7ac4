package org.softverbs.ulp.store;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.rw.ReadWriteQueue;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.Send;
import org.softverbs.verbs.Sge;

/// A target's end of one client's connection: a queue pair, and places for twice as many commands
/// as the client may have under way. A place takes a request, keeps its transfer, and takes the
/// next request once the response is known to have arrived; a client that sends more than there are
/// places meets no receive and waits.
///
/// Capsules are in memory that device and CPU share, reached with the local DMA key.
///
/// Belongs to the thread that runs the target.
final class StoreConnection implements AutoCloseable {

    /// A place for a command.
    private static final class Place {
        private @Nullable ReadWriteContext transfer;
        private long bytes;
        private long deadline;
    }

    private static final int PAGE = 4096;
    private static final int MAX_SGE = 32;

    /// Requests that a registration takes: LOCAL_INV, REG_MR and the operation.
    private static final int REQUESTS_EACH = 3;

    private final QueuePair queuePair;
    private final StoreLink link;
    private final PrivilegedDomain domain;
    private final ReadWriteQueue transfers;
    private final CoherentMemory capsules;
    private final SideChannel channel;
    private final Place[] places;
    private final TransferBound bound = new TransferBound();
    private int transferring;

    /// @throws org.softverbs.verbs.VerbsException when the device is at one of its limits; nothing
    ///     is left over
    StoreConnection(
            PrivilegedDomain domain,
            CompletionQueue completions,
            StoreSettings settings,
            SideChannel channel) {
        this.domain = domain;
        this.channel = channel;
        places = new Place[2 * settings.queueDepth()];
        for (int i = 0; i < places.length; i++) {
            places[i] = new Place();
        }
        capsules = domain.context().dma().allocateCoherent((long) places.length * PLACE_LENGTH);
        try {
            queuePair =
                    domain.createQueuePair(
                            QueuePairOptions.reliableConnection(
                                    completions,
                                    new QueuePairCapabilities(
                                            sendRequests(settings), places.length, sge(), 1, 0)));
        } catch (RuntimeException refused) {
            capsules.close();
            throw refused;
        }
        try {
            link = StoreLink.begin(StoreEnd.TARGET, queuePair, Set.of());
            transfers = newQueue(settings);
        } catch (RuntimeException refused) {
            queuePair.close();
            capsules.close();
            throw refused;
        }
    }

    private static final int PLACE_LENGTH = RequestCapsule.LENGTH + ResponseCapsule.LENGTH;

    private int sge() {
        return Math.min(MAX_SGE, domain.context().queryDevice().maxSge());
    }

    private ReadWriteQueue newQueue(StoreSettings settings) {
        ReadWriteLimits limits = settings.limits(queuePair);
        return new ReadWriteQueue(
                queuePair,
                limits,
                settings.queueDepth() * registrations(settings, limits.registrationPages()));
    }

    private static int segments(StoreSettings settings) {
        return settings.maxTransfer() / PAGE + 2;
    }

    private static int registrations(StoreSettings settings, int pages) {
        return Math.ceilDiv(segments(settings), pages);
    }

    /// Completions that a connection can have outstanding, those of receives and all that an error
    /// flushes among them.
    static int completions(PrivilegedDomain domain, StoreSettings settings) {
        int sge = Math.min(MAX_SGE, domain.context().queryDevice().maxSge());
        return 2 * settings.queueDepth() * (requestsPerPlace(settings, domain, sge) + 1);
    }

    private int sendRequests(StoreSettings settings) {
        return places.length * requestsPerPlace(settings, domain, sge());
    }

    /// The longest transfer and its response.
    private static int requestsPerPlace(
            StoreSettings settings, PrivilegedDomain domain, int elements) {
        int pages =
                Math.min(
                        domain.context().queryDevice().maxFastRegistrationPages(),
                        ReadWriteLimits.MOST_REGISTRATION_PAGES);
        int registered = REQUESTS_EACH * registrations(settings, Math.max(1, pages));
        int listed =
                Math.ceilDiv(
                        segments(settings),
                        Math.min(elements, domain.context().queryDevice().maxReadSge()));
        return Math.max(registered, listed) + 1;
    }

    /// Number of the queue pair.
    int number() {
        return queuePair.number();
    }

    StoreLink link() {
        return link;
    }

    SideChannel channel() {
        return channel;
    }

    /// Connects to the client and takes requests from now on.
    void connect(StoreOffer client) {
        link.connect(client);
        for (int place = 0; place < places.length; place++) {
            postReceive(place);
        }
    }

    /// Takes the next request in a place.
    void postReceive(int place) {
        queuePair.postReceive(
                new ReceiveWorkRequest(
                        StoreWork.REQUEST.id(place),
                        List.of(element(requestOffset(place), RequestCapsule.LENGTH))));
    }

    RequestCapsule request(int place) {
        return RequestCapsule.read(bytes(requestOffset(place), RequestCapsule.LENGTH));
    }

    private static long requestOffset(int place) {
        return (long) place * PLACE_LENGTH;
    }

    private static long responseOffset(int place) {
        return requestOffset(place) + RequestCapsule.LENGTH;
    }

    private MemorySegment bytes(long offset, int length) {
        return capsules.segment().asSlice(offset, length);
    }

    private Sge element(long offset, int length) {
        return new Sge(capsules.deviceSegment().address() + offset, length, domain.localDmaLkey());
    }

    /// What transfers are posted to.
    ReadWriteQueue transfers() {
        return transfers;
    }

    /// How many transfers are under way.
    int transferring() {
        return transferring;
    }

    /// Reads the client's memory; the completion comes as [StoreWork#TRANSFER].
    void read(int place, ReadWriteContext transfer, long nowNanos) {
        keep(place, transfer, nowNanos);
        transfer.post(StoreWork.TRANSFER.id(place));
    }

    /// Writes the client's memory and responds, with one notice to the device.
    void writeAndRespond(int place, ReadWriteContext transfer, long nowNanos) {
        keep(place, transfer, nowNanos);
        transfer.post(response(place, request(place).identifier(), StoreStatus.SUCCESS));
    }

    private void keep(int place, ReadWriteContext transfer, long nowNanos) {
        Place kept = places[place];
        kept.transfer = transfer;
        kept.bytes = Integer.toUnsignedLong(request(place).length());
        kept.deadline = bound.begin(kept.bytes, nowNanos);
        transferring++;
    }

    /// Whether a transfer has been under way for longer than it may.
    boolean isOverdue(long nowNanos) {
        for (Place place : places) {
            if (place.transfer != null && nowNanos - place.deadline > 0) {
                return true;
            }
        }
        return false;
    }

    void respond(int place, int identifier, StoreStatus status) {
        queuePair.postSend(response(place, identifier, status));
    }

    private Send response(int place, int identifier, StoreStatus status) {
        new ResponseCapsule(identifier, status)
                .write(bytes(responseOffset(place), ResponseCapsule.LENGTH));
        return new Send(
                StoreWork.RESPONSE.id(place),
                List.of(element(responseOffset(place), ResponseCapsule.LENGTH)),
                Set.of(SendFlag.SIGNALED));
    }

    /// Undoes the transfer of a place, if there is one.
    ///
    /// @return whether there was one
    boolean endTransfer(int place) {
        ReadWriteContext transfer = places[place].transfer;
        if (transfer == null) {
            return false;
        }
        places[place].transfer = null;
        bound.end(places[place].bytes);
        transferring--;
        transfer.close();
        return true;
    }

    /// Ends the connection, but not the channel. The queue pair goes first: then no device touches
    /// what is undone.
    @Override
    public void close() {
        queuePair.close();
        for (int place = 0; place < places.length; place++) {
            endTransfer(place);
        }
        transfers.close();
        capsules.close();
    }
}
