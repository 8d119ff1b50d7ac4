package org.softverbs.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// A packet in the making: fields that are written to bytes when it is given to an engine. One is
/// enough for a target.
final class MadePacket {

    private static final int CAPACITY = 4300;
    private static final int POISON = 0x7e;

    private final MemorySegment bytes = Arena.global().allocate(CAPACITY, 8);
    private final BthFlyweight bth = new BthFlyweight();
    private final RethFlyweight reth = new RethFlyweight();
    private final AethFlyweight aeth = new AethFlyweight();
    private final AtomicEthFlyweight atomic = new AtomicEthFlyweight();
    private final AtomicAckEthFlyweight atomicAck = new AtomicAckEthFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();
    private final FethFlyweight feth = new FethFlyweight();
    private final IethFlyweight ieth = new IethFlyweight();
    private final PacketCheck check = new PacketCheck();

    RoceOpcode opcode = RoceOpcode.RC_SEND_ONLY;
    int psn;
    boolean askForAck;
    boolean solicited;
    long address;
    int key;
    long dmaLength;
    long swapOrAdd;
    long compare;
    int immediate;
    int placement;
    int selectivity;
    int syndrome;
    long original;
    int payload;
    int pad;
    int salt;

    /// Starts a packet with nothing in it.
    void begin(RoceOpcode newOpcode, int newPsn) {
        opcode = newOpcode;
        psn = newPsn & 0xff_ffff;
        askForAck = false;
        solicited = false;
        address = 0;
        key = 0;
        dmaLength = 0;
        swapOrAdd = 0;
        compare = 0;
        immediate = 0;
        placement = 1;
        selectivity = 0;
        syndrome = 0x1f;
        original = 0;
        payload(0);
    }

    /// Sets the length of the payload, and the padding that goes with it.
    void payload(int length) {
        payload = length;
        pad = -length & 3;
    }

    /// Reads the headers of a captured packet; the payload is known by its length only.
    void read(RoceOpcode captured, MemorySegment headers) {
        bth.wrap(headers, 0);
        begin(captured, bth.psn());
        askForAck = bth.ackRequest();
        solicited = bth.solicitedEvent();
        if (captured.has(ExtensionHeader.RETH)) {
            reth.wrap(headers, captured.offsetOf(ExtensionHeader.RETH));
            address = reth.virtualAddress();
            key = reth.remoteKey();
            dmaLength = reth.dmaLength();
        }
        if (captured.has(ExtensionHeader.ATOMIC_ETH)) {
            atomic.wrap(headers, captured.offsetOf(ExtensionHeader.ATOMIC_ETH));
            address = atomic.virtualAddress();
            key = atomic.remoteKey();
            swapOrAdd = atomic.swapOrAdd();
            compare = atomic.compare();
        }
        if (captured.has(ExtensionHeader.AETH)) {
            syndrome = aeth.wrap(headers, captured.offsetOf(ExtensionHeader.AETH)).syndrome();
        }
    }

    /// Byte `index` of the payload.
    byte payloadByte(int index) {
        return (byte) (index * 5 + salt * 41 + 1);
    }

    /// Writes it, and sets an inbound packet to it as a device does.
    ///
    /// @return whether it passes the check that comes before any engine
    boolean write(int queuePair, InboundPacket inbound) {
        if (!opcode.hasPayload()) {
            payload(0);
        }
        bth.wrap(bytes, 0).initialize(opcode, queuePair, psn, pad);
        bth.padCount(pad).ackRequest(askForAck).solicitedEvent(solicited);
        writeExtensions();
        int headers = opcode.headerLength();
        for (int i = 0; i < payload; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, headers + (long) i, payloadByte(i));
        }
        for (int i = 0; i < pad; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, headers + (long) payload + i, (byte) POISON);
        }
        int length = headers + payload + pad;
        if (check.check(bytes, 0, length + PacketCheck.ICRC_LENGTH) != PacketFault.NONE) {
            return false;
        }
        inbound.set(bytes, 0, length);
        inbound.splitPayload(check.headerLength(), check.padLength());
        return check.opcode() == opcode;
    }

    private void writeExtensions() {
        if (opcode.has(ExtensionHeader.RETH)) {
            reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH));
            reth.virtualAddress(address).remoteKey(key).dmaLength(dmaLength & 0xffff_ffffL);
        }
        if (opcode.has(ExtensionHeader.ATOMIC_ETH)) {
            atomic.wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ETH));
            atomic.virtualAddress(address).remoteKey(key).swapOrAdd(swapOrAdd).compare(compare);
        }
        if (opcode.has(ExtensionHeader.AETH)) {
            aeth.wrap(bytes, opcode.offsetOf(ExtensionHeader.AETH));
            aeth.syndrome(syndrome).messageSequenceNumber(0);
        }
        if (opcode.has(ExtensionHeader.ATOMIC_ACK_ETH)) {
            atomicAck.wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ACK_ETH));
            atomicAck.originalValue(original);
        }
        if (opcode.has(ExtensionHeader.IMM_DT)) {
            immDt.wrap(bytes, opcode.offsetOf(ExtensionHeader.IMM_DT)).immediate(immediate);
        }
        if (opcode.has(ExtensionHeader.FETH)) {
            feth.wrap(bytes, opcode.offsetOf(ExtensionHeader.FETH));
            feth.set(0, selectivity, placement);
        }
        if (opcode.has(ExtensionHeader.IETH)) {
            ieth.wrap(bytes, opcode.offsetOf(ExtensionHeader.IETH)).remoteKey(immediate);
        }
    }

    @Override
    public String toString() {
        return "%s psn %d, %d bytes and %d of padding, key %08x address %x length %d, aeth %02x"
                .formatted(opcode, psn, payload, pad, key, address, dmaLength, syndrome);
    }
}
