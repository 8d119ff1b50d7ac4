package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Cause;

/// Sends datagrams.
final class UdRequester extends UnreliableRequester {

    private final BthFlyweight bth = new BthFlyweight();
    private final DethFlyweight deth = new DethFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();

    UdRequester(QueuePairCore qp, EngineOutput output) {
        super(qp, output);
    }

    @Override
    @Nullable Cause refusal(SendWqe wqe) {
        SendOperation operation = wqe.operation();
        if (operation != SendOperation.SEND && operation != SendOperation.SEND_WITH_IMMEDIATE) {
            return notOffered(wqe);
        }
        int domain = queuePair().accessor().domain();
        return wqe.handleDomain() == domain
                ? null
                : new Cause.ForeignAddressHandle(wqe.handleDomain(), domain);
    }

    @Override
    boolean sendNext(SendWqe wqe) {
        // Too long for the wire: not sent, and no error (C10-93.1.1).
        if (wqe.length() > queuePair().connection().mtu()) {
            complete(wqe);
            return true;
        }
        RoceOpcode opcode =
                wqe.operation() == SendOperation.SEND
                        ? RoceOpcode.UD_SEND_ONLY
                        : RoceOpcode.UD_SEND_ONLY_WITH_IMMEDIATE;
        OutboundPacket packet = output().packet();
        packet.begin(wqe.path(), opcode.headerLength());
        bth.wrap(packet.header(), 0).initialize(opcode, wqe.destinationQpn(), nextPsn(), 0);
        int own = queuePair().connection().queueKey();
        // The highest bit asks for the queue pair's own, which unprivileged code may not choose.
        deth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.DETH))
                .queueKey(wqe.queueKey() < 0 ? own : wqe.queueKey())
                .reserved(0)
                .sourceQpn(queuePair().number());
        if (opcode.hasImmediate()) {
            immDt.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.IMM_DT))
                    .immediate(wqe.immediateOrKey());
        }
        if (!gather(wqe, 0, wqe.length())) {
            return false;
        }
        bth.padCount(packet.padding()).ackRequest(false).solicitedEvent(wqe.solicits());
        send(wqe, true);
        return true;
    }
}
