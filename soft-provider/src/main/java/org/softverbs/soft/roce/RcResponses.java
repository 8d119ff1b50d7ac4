package org.softverbs.soft.roce;

import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.MemoryRight;
import org.softverbs.verbs.RequestFault;

/// What a responder answers: READ responses and results of atomics in the order of their requests,
/// then at most one acknowledgement or NAK, which says all there is to say about what came before.
final class RcResponses {

    private enum Pending {
        NOTHING,
        ACK,
        NAK,
        FATAL_NAK
    }

    private static final int PSN_MASK = PacketSequenceNumber.MASK;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final FailureFacts facts;
    private final RoceOpcode.Service service;
    private final BthFlyweight bth = new BthFlyweight();
    private final AethFlyweight aeth = new AethFlyweight();
    private final AtomicAckEthFlyweight atomicAckEth = new AtomicAckEthFlyweight();

    private ResponderResources resources = new ResponderResources(0);
    private int messageSequenceNumber;
    private Pending pending = Pending.NOTHING;
    private int pendingPsn;
    private int pendingSyndrome;
    private boolean ended;

    RcResponses(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.facts = new FailureFacts(qp);
        this.service = RcEngine.serviceOf(qp);
    }

    void start() {
        resources = new ResponderResources(qp.connection().maxDestinationReadAtomic());
        messageSequenceNumber = 0;
        reset();
    }

    void reset() {
        resources.clear();
        pending = Pending.NOTHING;
        ended = false;
    }

    /// Whether the NAK that ends the connection was sent, or it ends without one.
    boolean hasEnded() {
        return ended;
    }

    /// Whether the NAK that ends the connection was sent or is about to be.
    boolean isEnding() {
        return ended || pending == Pending.FATAL_NAK;
    }

    void messageCompleted() {
        messageSequenceNumber = (messageSequenceNumber + 1) & PSN_MASK;
    }

    /// Everything up to `psn` has arrived.
    void acknowledge(int psn) {
        if (pending == Pending.NOTHING || pending == Pending.ACK) {
            set(Pending.ACK, psn, AckSyndrome.ACK_UNLIMITED);
        }
    }

    void sequenceNak(int psn) {
        set(Pending.NAK, psn, AckSyndrome.NAK_PSN_SEQUENCE_ERROR);
    }

    void rnrNak(int psn, int timerCode) {
        set(Pending.NAK, psn, AckSyndrome.rnrNak(timerCode));
    }

    /// The connection ends when this is sent.
    void fatalNak(int psn, int syndrome) {
        set(Pending.FATAL_NAK, psn, syndrome);
    }

    /// The connection ends when it has its next turn, and nothing is said.
    void endUnanswered() {
        resources.clear();
        pending = Pending.NOTHING;
        ended = true;
    }

    private void set(Pending kind, int psn, int syndrome) {
        if (pending != Pending.FATAL_NAK) {
            pending = kind;
            pendingPsn = psn;
            pendingSyndrome = syndrome;
        }
    }

    /// Whether another READ or atomic may be outstanding. How many may be can change in SQD.
    boolean canTakeRequest() {
        int limit = qp.connection().maxDestinationReadAtomic();
        if (limit != resources.capacity() && !resources.hasAnswers()) {
            resources = resources.resized(limit);
        }
        return resources.canAllocate();
    }

    /// Takes a READ to answer; only with [#canTakeRequest()].
    ///
    /// @param who as who its memory is read
    void read(RequestFields fields, int packets, Accessor who) {
        messageCompleted();
        ResponderResource resource = resources.allocate();
        resource.read(
                fields.psn(),
                packets,
                messageSequenceNumber,
                fields.address(),
                fields.key(),
                fields.dmaLength());
        resource.who(who);
        acknowledgedByAnswer();
    }

    /// Takes a request that was carried out; only with [#canTakeRequest()].
    ///
    /// @param original what was in memory before, of an atomic
    void executed(RequestFields fields, RoceOpcode opcode, long original) {
        messageCompleted();
        resources.allocate().executed(opcode, messageSequenceNumber, fields, original);
        acknowledgedByAnswer();
    }

    /// A response acknowledges everything before it.
    private void acknowledgedByAnswer() {
        if (pending == Pending.ACK) {
            pending = Pending.NOTHING;
        }
    }

    /// Answers a READ that came again, inside its original range only.
    ///
    /// @return false when it is none that is remembered
    boolean replayRead(RequestFields fields, int mtu) {
        ResponderResource resource = resources.find(fields.psn());
        if (resource == null) {
            return false;
        }
        int index = PacketSequenceNumber.distance(resource.firstPsn(), fields.psn());
        if (!resource.isRestFrom(index, mtu, fields.address(), fields.key(), fields.dmaLength())) {
            return false;
        }
        resources.replay(resource, index);
        return true;
    }

    /// Answers a request that was carried out and came again as it was answered before.
    ///
    /// @return false when it is none that is remembered
    boolean replayExecuted(RequestFields fields, RoceOpcode opcode) {
        ResponderResource resource = resources.find(fields.psn());
        if (resource == null || !resource.isSame(opcode, fields)) {
            return false;
        }
        resources.replay(resource, 0);
        return true;
    }

    /// Whether READ responses or results of atomics are to be sent.
    boolean hasAnswers() {
        return resources.hasAnswers();
    }

    boolean hasWork() {
        return resources.hasAnswers() || pending != Pending.NOTHING;
    }

    /// Sends while there is something to send, budget and room.
    ///
    /// @return packets sent
    int transmit(int budget) {
        int sent = 0;
        while (sent < budget && output.hasRoom() && resources.hasAnswers()) {
            if (sendAnswer(resources.firstAnswer())) {
                resources.advanceFirstAnswer();
                sent++;
            }
        }
        if (sent < budget
                && output.hasRoom()
                && !resources.hasAnswers()
                && pending != Pending.NOTHING) {
            sendAcknowledge();
            sent++;
        }
        return sent;
    }

    private boolean sendAnswer(ResponderResource resource) {
        return switch (resource.operation()) {
            case COMPARE_SWAP, FETCH_ADD -> {
                sendAtomicAcknowledge(resource);
                yield true;
            }
            case FLUSH,
                    ATOMIC_WRITE,
                    READ_REQUEST,
                    SEND,
                    WRITE,
                    READ_RESPONSE,
                    ACKNOWLEDGE,
                    ATOMIC_ACKNOWLEDGE ->
                    sendReadResponse(resource);
        };
    }

    /// Sends a packet of what a READ read, or the response of no bytes to a FLUSH or ATOMIC WRITE.
    private boolean sendReadResponse(ResponderResource resource) {
        int mtu = qp.connection().mtu();
        int index = resource.nextPacket();
        long offset = (long) index * mtu;
        boolean read = resource.operation() == Operation.READ_REQUEST;
        long length = read ? Math.min(mtu, resource.length() - offset) : 0;
        RoceOpcode opcode = readResponseOpcode(index, resource.packets()).in(service);
        OutboundPacket packet = begin(opcode, resource.firstPsn() + index);
        if (opcode.has(ExtensionHeader.AETH)) {
            aeth(packet, opcode, AckSyndrome.ACK_UNLIMITED, resource.messageSequenceNumber());
        }
        if (length > 0) {
            AccessResult result =
                    qp.memory()
                            .resolve(
                                    resource.who(),
                                    resource.key(),
                                    resource.address() + offset,
                                    length,
                                    AccessRight.REMOTE_READ,
                                    packet.payload());
            if (result != AccessResult.GRANTED) {
                refuseRest(resource, index, result);
                return false;
            }
        }
        bth.padCount(packet.padding());
        output.send();
        return true;
    }

    /// The memory of a READ went away while it was answered. One that is answered again is dropped:
    /// its peer has had the answer, and this may be an old copy of the request.
    private void refuseRest(ResponderResource resource, int index, AccessResult result) {
        if (resource.isAnswered()) {
            output.counters().add(TransportCounter.DROPPED_BAD_DUPLICATE);
            resources.forget(resource);
            return;
        }
        int psn = (resource.firstPsn() + index) & PSN_MASK;
        resources.clear();
        output.counters().add(TransportCounter.SENT_FATAL_NAKS);
        int syndrome = AckSyndrome.NAK_REMOTE_ACCESS_ERROR;
        FlightEvents.nak(qp.number(), true, psn, syndrome);
        fatalNak(psn, syndrome);
        Explanation why =
                Explanation.of(
                        facts.peerRefused(
                                RoceOpcode.RC_READ_REQUEST.in(service),
                                resource.firstPsn(),
                                syndrome,
                                RequestFault.MEMORY,
                                0,
                                0),
                        qp.memory()
                                .refused(
                                        result,
                                        resource.who(),
                                        MemoryRight.REMOTE_READ,
                                        resource.key(),
                                        resource.address(),
                                        resource.length()));
        qp.failed(why);
        output.raise(AsyncEventType.QP_ACCESS_ERR, why.line());
    }

    /// A replay from the middle goes on with Middle and Last, as rxe's requester expects.
    private static RoceOpcode readResponseOpcode(int index, int packets) {
        if (packets == 1) {
            return RoceOpcode.RC_READ_RESPONSE_ONLY;
        }
        if (index == 0) {
            return RoceOpcode.RC_READ_RESPONSE_FIRST;
        }
        return index == packets - 1
                ? RoceOpcode.RC_READ_RESPONSE_LAST
                : RoceOpcode.RC_READ_RESPONSE_MIDDLE;
    }

    private void sendAtomicAcknowledge(ResponderResource resource) {
        RoceOpcode opcode = RoceOpcode.RC_ATOMIC_ACKNOWLEDGE.in(service);
        OutboundPacket packet = begin(opcode, resource.firstPsn());
        aeth(packet, opcode, AckSyndrome.ACK_UNLIMITED, resource.messageSequenceNumber());
        atomicAckEth
                .wrap(packet.header(), opcode.offsetOf(ExtensionHeader.ATOMIC_ACK_ETH))
                .originalValue(resource.originalValue());
        output.send();
    }

    private void sendAcknowledge() {
        RoceOpcode opcode = RoceOpcode.RC_ACKNOWLEDGE.in(service);
        OutboundPacket packet = begin(opcode, pendingPsn);
        aeth(packet, opcode, pendingSyndrome, messageSequenceNumber);
        output.send();
        ended = pending == Pending.FATAL_NAK;
        pending = Pending.NOTHING;
    }

    private OutboundPacket begin(RoceOpcode opcode, int psn) {
        OutboundPacket packet = output.packet();
        packet.begin(qp.connection().path(), opcode.headerLength());
        bth.wrap(packet.header(), 0)
                .initialize(opcode, qp.connection().destinationQpn(), psn & PSN_MASK, 0);
        return packet;
    }

    private void aeth(OutboundPacket packet, RoceOpcode opcode, int syndrome, int msn) {
        aeth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.AETH))
                .syndrome(syndrome)
                .messageSequenceNumber(msn);
    }
}
