package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.ReceiveSource;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletionStatus;

/// Takes datagrams. One that fits no receive is dropped and costs none: nobody who merely knows the
/// Q_Key can end a queue pair.
final class UdResponder implements UnreliableReceiver {

    private static final int PAD_MASK = 3;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ReceiveSource receives;
    private final ReceiveCompletions completions;
    private final RequestFields fields = new RequestFields();
    private final ResponderMemory memory;
    private final FailureFacts facts;
    private final DethFlyweight deth = new DethFlyweight();
    private final GlobalRouteWriter globalRoute = new GlobalRouteWriter();

    UdResponder(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.receives = qp.receives();
        this.completions = new ReceiveCompletions(qp, output);
        this.memory = new ResponderMemory(qp);
        this.facts = new FailureFacts(qp);
    }

    @Override
    public void start() {
        completions.start();
    }

    @Override
    public void reset() {}

    /// The PSNs of datagrams mean nothing to their receiver.
    @Override
    public int expectedPsn() {
        return 0;
    }

    @Override
    public void flush() {
        completions.flush();
    }

    @Override
    public boolean onPacket(InboundPacket packet, RoceOpcode opcode) {
        fields.read(packet, opcode);
        deth.wrap(packet.segment(), packet.offset() + opcode.offsetOf(ExtensionHeader.DETH));
        long payload = packet.payload().total();
        long length = DatagramSource.GLOBAL_ROUTE_LENGTH + payload;
        TransportCounter fault = check(payload, length);
        if (fault != null) {
            output.counters().add(fault);
            return true;
        }
        if (!memory.prepareReceive(receives.current(), 0, length)
                || !memory.place(globalRoute.before(packet))) {
            WorkCompletionStatus status = WorkCompletionStatus.LOC_PROT_ERR;
            completions.fail(
                    status,
                    facts.receiveFailed(
                            receives.current(), status, Explanation.of(memory.refusal())));
            return false;
        }
        completions.succeed(length, fields, opcode, deth.sourceQpn());
        return true;
    }

    private @Nullable TransportCounter check(long payload, long length) {
        if (deth.queueKey() != qp.connection().queueKey()) {
            return TransportCounter.DROPPED_BAD_QUEUE_KEY;
        }
        if (payload > qp.connection().mtu() || fields.padCount() != (-payload & PAD_MASK)) {
            return TransportCounter.DROPPED_BAD_LENGTH;
        }
        if (receives.isEmpty()) {
            return TransportCounter.DROPPED_NO_RECEIVE;
        }
        return length > receives.room() ? TransportCounter.DROPPED_TOO_LONG : null;
    }
}
