package org.softverbs.soft.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.soft.wire.roce.XrcEthFlyweight;
import org.softverbs.verbs.PlacementType;

/// The header fields of the request at hand, whichever headers they came in.
final class RequestFields {

    /// Bytes of the longest message.
    static final long MAX_MESSAGE = 1L << 31;

    private static final int PAD_MASK = 3;
    private static final int PLACEMENT_TYPES =
            PlacementType.GLOBAL.bit() | PlacementType.PERSISTENT.bit();

    private final BthFlyweight bth = new BthFlyweight();
    private final RethFlyweight reth = new RethFlyweight();
    private final AtomicEthFlyweight atomicEth = new AtomicEthFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();
    private final IethFlyweight ieth = new IethFlyweight();

    private final XrcEthFlyweight xrcEth = new XrcEthFlyweight();
    private final FethFlyweight feth = new FethFlyweight();
    private int sharedReceiveQueue;
    private long address;
    private int key;
    private long dmaLength;
    private long swapOrAdd;
    private int placement;
    private int selectivity;
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
        if (opcode.has(ExtensionHeader.FETH)) {
            feth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.FETH));
            placement = feth.placement();
            selectivity = feth.selectivity();
        }
        if (opcode.operation() == Operation.ATOMIC_WRITE) {
            swapOrAdd = valueOf(packet.payload());
        }
        if (opcode.hasImmediate()) {
            immDt.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.IMM_DT));
            immediate = immDt.immediate();
        }
        if (opcode.has(ExtensionHeader.XRC_ETH)) {
            xrcEth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.XRC_ETH));
            sharedReceiveQueue = xrcEth.sharedReceiveQueue();
        }
        if (opcode.hasInvalidate()) {
            ieth.wrap(bytes, start + opcode.offsetOf(ExtensionHeader.IETH));
            invalidateKey = ieth.remoteKey();
        }
    }

    /// What an ATOMIC WRITE writes, in the byte order of this host; 0 for a payload that is none.
    private static long valueOf(RunList payload) {
        long value = 0;
        if (payload.total() == Long.BYTES) {
            for (int i = 0; i < Long.BYTES; i++) {
                value |= (payload.byteAt(i) & 0xffL) << NativeLong.shift(i);
            }
        }
        return value;
    }

    /// Whether a packet has a length that its place in the message allows: First and Middle carry
    /// exactly a path MTU, Last at least a byte, all of them the padding that makes words.
    boolean isPacketLength(RoceOpcode opcode, long length, int mtu) {
        boolean fits =
                switch (opcode.position()) {
                    case FIRST, MIDDLE -> length == mtu;
                    case LAST -> length >= 1 && length <= mtu;
                    case ONLY -> length <= mtu;
                };
        return fits && bth.padCount() == (-length & PAD_MASK);
    }

    /// Whether a packet of a WRITE carries as much as its RETH said.
    ///
    /// @param rest what is to come of the message that a Middle or Last belongs to
    boolean isWriteLength(RoceOpcode opcode, long length, long rest) {
        return switch (opcode.position()) {
            case ONLY -> dmaLength == length;
            case FIRST -> dmaLength > length && dmaLength <= MAX_MESSAGE;
            case MIDDLE -> rest > length;
            case LAST -> rest == length;
        };
    }

    /// Whether a FLUSH asks for what there is: one of the placement types at least, no reserved
    /// one, a level that is not reserved.
    boolean isFlush() {
        return placement != 0
                && (placement & ~PLACEMENT_TYPES) == 0
                && selectivity <= FethFlyweight.MEMORY_REGION;
    }

    /// Whether a FLUSH is for a range.
    boolean isRange() {
        return selectivity == FethFlyweight.RANGE;
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

    /// What an atomic swaps in or adds, or an ATOMIC WRITE writes.
    long swapOrAdd() {
        return swapOrAdd;
    }

    /// Placement types of a FLUSH, one bit each.
    int placement() {
        return placement;
    }

    /// Selectivity level of a FLUSH.
    int selectivity() {
        return selectivity;
    }

    long compare() {
        return compare;
    }

    int immediate() {
        return immediate;
    }

    /// The shared receive queue that a request of an extended reliable connection names.
    int sharedReceiveQueue() {
        return sharedReceiveQueue;
    }

    int invalidateKey() {
        return invalidateKey;
    }
}
