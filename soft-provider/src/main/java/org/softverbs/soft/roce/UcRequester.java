package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Cause;

/// Sends SENDs and WRITEs over an unreliable connection.
final class UcRequester extends UnreliableRequester {

    private final RequestHeaders headers = new RequestHeaders(RoceOpcode.Service.UC);
    private int packetIndex;

    UcRequester(QueuePairCore qp, EngineOutput output) {
        super(qp, output);
    }

    @Override
    void reset() {
        super.reset();
        packetIndex = 0;
    }

    @Override
    @Nullable Cause refusal(SendWqe wqe) {
        SendOperation operation = wqe.operation();
        boolean offered =
                !operation.hasResponse() && operation != SendOperation.SEND_WITH_INVALIDATE;
        return offered ? null : notOffered(wqe);
    }

    @Override
    boolean sendNext(SendWqe wqe) {
        int mtu = queuePair().connection().mtu();
        if (packetIndex == 0) {
            wqe.start(nextPsn(), (int) Math.max(1, (wqe.length() + mtu - 1) / mtu));
        }
        long offset = (long) packetIndex * mtu;
        long length = Math.min(mtu, wqe.length() - offset);
        boolean last = packetIndex == wqe.packets() - 1;
        OutboundPacket packet = output().packet();
        headers.data(packet, queuePair().connection(), wqe, packetIndex, nextPsn());
        if (!gather(wqe, offset, length)) {
            return false;
        }
        headers.finish(packet, false, last && wqe.solicits());
        packetIndex = last ? 0 : packetIndex + 1;
        send(wqe, last);
        return true;
    }
}
