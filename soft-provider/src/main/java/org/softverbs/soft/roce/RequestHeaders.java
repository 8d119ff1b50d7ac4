package org.softverbs.soft.roce;

import java.lang.foreign.ValueLayout;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.ConnectionAttributes;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.XrcEthFlyweight;

/// Writes the headers of requests.
final class RequestHeaders {

    private final BthFlyweight bth = new BthFlyweight();
    private final RethFlyweight reth = new RethFlyweight();
    private final AtomicEthFlyweight atomicEth = new AtomicEthFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();
    private final IethFlyweight ieth = new IethFlyweight();
    private final XrcEthFlyweight xrcEth = new XrcEthFlyweight();
    private final FethFlyweight feth = new FethFlyweight();
    private final RoceOpcode.Service service;

    RequestHeaders(RoceOpcode.Service service) {
        this.service = service;
    }

    /// Begins packet `index` of a SEND or WRITE; the payload is added after this.
    void data(
            OutboundPacket packet,
            ConnectionAttributes connection,
            SendWqe wqe,
            int index,
            int psn) {
        RoceOpcode opcode = dataOpcode(wqe, index).in(service);
        begin(packet, connection, opcode, psn);
        xrcEth(packet, opcode, wqe);
        if (opcode.has(ExtensionHeader.RETH)) {
            reth(packet, opcode, wqe.remoteAddress(), wqe.remoteKey(), wqe.length());
        }
        if (opcode.hasImmediate()) {
            immDt.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.IMM_DT))
                    .immediate(wqe.immediateOrKey());
        }
        if (opcode.hasInvalidate()) {
            ieth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.IETH))
                    .remoteKey(wqe.immediateOrKey());
        }
    }

    /// Writes a READ request for `length` bytes at `offset` of the message.
    void read(
            OutboundPacket packet,
            ConnectionAttributes connection,
            SendWqe wqe,
            long offset,
            long length,
            int psn) {
        RoceOpcode opcode = RoceOpcode.RC_READ_REQUEST.in(service);
        begin(packet, connection, opcode, psn);
        xrcEth(packet, opcode, wqe);
        reth(packet, opcode, wqe.remoteAddress() + offset, wqe.remoteKey(), length);
    }

    /// Writes an ATOMIC WRITE with its payload, which is the caller's no longer than it takes to
    /// send it.
    void atomicWrite(OutboundPacket packet, ConnectionAttributes connection, SendWqe wqe, int psn) {
        RoceOpcode opcode = RoceOpcode.RC_ATOMIC_WRITE.in(service);
        begin(packet, connection, opcode, psn);
        xrcEth(packet, opcode, wqe);
        reth(packet, opcode, wqe.remoteAddress(), wqe.remoteKey(), wqe.remoteLength());
        // Behind the headers there is room for it.
        int at = opcode.headerLength();
        packet.header().set(ValueLayout.JAVA_LONG_UNALIGNED, at, wqe.swapOrAdd());
        packet.payload().add(packet.header(), at, Long.BYTES);
        packet.lendPayload();
    }

    void flush(OutboundPacket packet, ConnectionAttributes connection, SendWqe wqe, int psn) {
        RoceOpcode opcode = RoceOpcode.RC_FLUSH.in(service);
        begin(packet, connection, opcode, psn);
        xrcEth(packet, opcode, wqe);
        feth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.FETH))
                .set(
                        0,
                        wqe.isWholeRegion() ? FethFlyweight.MEMORY_REGION : FethFlyweight.RANGE,
                        wqe.placementBits());
        reth(packet, opcode, wqe.remoteAddress(), wqe.remoteKey(), wqe.remoteLength());
    }

    void atomic(OutboundPacket packet, ConnectionAttributes connection, SendWqe wqe, int psn) {
        RoceOpcode swapOrAdd =
                switch (wqe.operation()) {
                    case COMPARE_AND_SWAP -> RoceOpcode.RC_COMPARE_SWAP;
                    case FETCH_AND_ADD -> RoceOpcode.RC_FETCH_ADD;
                    case SEND,
                            SEND_WITH_IMMEDIATE,
                            SEND_WITH_INVALIDATE,
                            RDMA_WRITE,
                            RDMA_WRITE_WITH_IMMEDIATE,
                            RDMA_READ,
                            ATOMIC_WRITE,
                            FLUSH,
                            BIND_MEMORY_WINDOW,
                            LOCAL_INVALIDATE,
                            REGISTER_MEMORY ->
                            throw new IllegalArgumentException(wqe.operation() + " is no atomic");
                };
        RoceOpcode opcode = swapOrAdd.in(service);
        begin(packet, connection, opcode, psn);
        xrcEth(packet, opcode, wqe);
        atomicEth
                .wrap(packet.header(), opcode.offsetOf(ExtensionHeader.ATOMIC_ETH))
                .virtualAddress(wqe.remoteAddress())
                .remoteKey(wqe.remoteKey())
                .swapOrAdd(wqe.swapOrAdd())
                .compare(wqe.compare());
    }

    /// Sets what depends on the payload, and the flags.
    void finish(OutboundPacket packet, boolean askForAck, boolean solicited) {
        bth.padCount(packet.padding()).ackRequest(askForAck).solicitedEvent(solicited);
    }

    private void begin(
            OutboundPacket packet, ConnectionAttributes connection, RoceOpcode opcode, int psn) {
        packet.begin(connection.path(), opcode.headerLength());
        bth.wrap(packet.header(), 0).initialize(opcode, connection.destinationQpn(), psn, 0);
    }

    private void xrcEth(OutboundPacket packet, RoceOpcode opcode, SendWqe wqe) {
        if (opcode.has(ExtensionHeader.XRC_ETH)) {
            xrcEth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.XRC_ETH))
                    .reserved(0)
                    .sharedReceiveQueue(wqe.destinationQpn());
        }
    }

    private void reth(
            OutboundPacket packet, RoceOpcode opcode, long address, int key, long length) {
        reth.wrap(packet.header(), opcode.offsetOf(ExtensionHeader.RETH))
                .virtualAddress(address)
                .remoteKey(key)
                .dmaLength(length);
    }

    private static RoceOpcode dataOpcode(SendWqe wqe, int index) {
        boolean first = index == 0;
        boolean last = index == wqe.packets() - 1;
        if (wqe.operation().isWrite()) {
            return writeOpcode(first, last, wqe);
        }
        return sendOpcode(first, last, wqe);
    }

    private static RoceOpcode writeOpcode(boolean first, boolean last, SendWqe wqe) {
        if (!last) {
            return first ? RoceOpcode.RC_WRITE_FIRST : RoceOpcode.RC_WRITE_MIDDLE;
        }
        return switch (wqe.operation()) {
            case RDMA_WRITE_WITH_IMMEDIATE ->
                    first
                            ? RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE
                            : RoceOpcode.RC_WRITE_LAST_WITH_IMMEDIATE;
            case RDMA_WRITE,
                    SEND,
                    SEND_WITH_IMMEDIATE,
                    SEND_WITH_INVALIDATE,
                    RDMA_READ,
                    COMPARE_AND_SWAP,
                    FETCH_AND_ADD,
                    ATOMIC_WRITE,
                    FLUSH,
                    BIND_MEMORY_WINDOW,
                    LOCAL_INVALIDATE,
                    REGISTER_MEMORY ->
                    first ? RoceOpcode.RC_WRITE_ONLY : RoceOpcode.RC_WRITE_LAST;
        };
    }

    private static RoceOpcode sendOpcode(boolean first, boolean last, SendWqe wqe) {
        if (!last) {
            return first ? RoceOpcode.RC_SEND_FIRST : RoceOpcode.RC_SEND_MIDDLE;
        }
        return switch (wqe.operation()) {
            case SEND_WITH_IMMEDIATE ->
                    first
                            ? RoceOpcode.RC_SEND_ONLY_WITH_IMMEDIATE
                            : RoceOpcode.RC_SEND_LAST_WITH_IMMEDIATE;
            case SEND_WITH_INVALIDATE ->
                    first
                            ? RoceOpcode.RC_SEND_ONLY_WITH_INVALIDATE
                            : RoceOpcode.RC_SEND_LAST_WITH_INVALIDATE;
            case SEND,
                    RDMA_WRITE,
                    RDMA_WRITE_WITH_IMMEDIATE,
                    RDMA_READ,
                    COMPARE_AND_SWAP,
                    FETCH_AND_ADD,
                    ATOMIC_WRITE,
                    FLUSH,
                    BIND_MEMORY_WINDOW,
                    LOCAL_INVALIDATE,
                    REGISTER_MEMORY ->
                    first ? RoceOpcode.RC_SEND_ONLY : RoceOpcode.RC_SEND_LAST;
        };
    }
}
