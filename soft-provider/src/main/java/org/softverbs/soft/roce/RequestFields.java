package org.softverbs.soft.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// The header fields of the request at hand, whichever headers they came in.
final class RequestFields {

    private final BthFlyweight bth = new BthFlyweight();
    private final RethFlyweight reth = new RethFlyweight();
    private final AtomicEthFlyweight atomicEth = new AtomicEthFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();
    private final IethFlyweight ieth = new IethFlyweight();

    private long address;
    private int key;
    private long dmaLength;
    private long swapOrAdd;
    private long compare;
    private int immediate;
    private int invalidateKey;

    void read(InboundPacket packet, RoceOpcode opcode) {
        MemorySegment bytes = packet.segment();
        long start = packet.offset();
        bth.wrap(bytes, start);
        if (opcode.has(ExtensionHeader.RETH)) {
            reth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.RETH));
            address = reth.virtualAddress();
            key = reth.remoteKey();
            dmaLength = reth.dmaLength();
        }
        if (opcode.has(ExtensionHeader.ATOMIC_ETH)) {
            atomicEth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.ATOMIC_ETH));
            address = atomicEth.virtualAddress();
            key = atomicEth.remoteKey();
            swapOrAdd = atomicEth.swapOrAdd();
            compare = atomicEth.compare();
        }
        if (opcode.hasImmediate()) {
            immDt.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.IMM_DT));
            immediate = immDt.immediate();
        }
        if (opcode.hasInvalidate()) {
            ieth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.IETH));
            invalidateKey = ieth.remoteKey();
        }
    }

    int psn() {
        return bth.psn();
    }

    boolean isAckRequested() {
        return bth.ackRequest();
    }

    boolean isSolicited() {
        return bth.solicitedEvent();
    }

    int padCount() {
        return bth.padCount();
    }

    long address() {
        return address;
    }

    int key() {
        return key;
    }

    long dmaLength() {
        return dmaLength;
    }

    long swapOrAdd() {
        return swapOrAdd;
    }

    long compare() {
        return compare;
    }

    int immediate() {
        return immediate;
    }

    int invalidateKey() {
        return invalidateKey;
    }
}
