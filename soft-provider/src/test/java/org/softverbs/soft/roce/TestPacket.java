package org.softverbs.soft.roce;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.XrcEthFlyweight;

/// A packet that a script gives to an engine, built field by field; also an illegal one.
final class TestPacket {

    private static final int CAPACITY = 9000;

    private final MemorySegment bytes = Arena.ofAuto().allocate(CAPACITY, 8);
    private final RoceOpcode opcode;
    private final BthFlyweight bth = new BthFlyweight();
    private int payload;
    private int pad;

    private TestPacket(RoceOpcode opcode, int psn) {
        this.opcode = opcode;
        bth.wrap(bytes, 0).initialize(opcode, EngineScript.NUMBER, psn, 0);
    }

    static TestPacket of(RoceOpcode opcode, int psn) {
        return new TestPacket(opcode, psn);
    }

    static TestPacket ack(int psn) {
        return of(RoceOpcode.RC_ACKNOWLEDGE, psn).aeth(0x1f);
    }

    static TestPacket nak(int psn, int syndrome) {
        return of(RoceOpcode.RC_ACKNOWLEDGE, psn).aeth(syndrome);
    }

    static TestPacket readRequest(int psn, long address, int key, long length) {
        return of(RoceOpcode.RC_READ_REQUEST, psn).reth(address, key, length).askForAck();
    }

    static TestPacket fetchAdd(int psn, long address, int key, long add) {
        return of(RoceOpcode.RC_FETCH_ADD, psn).atomic(address, key, add, 0);
    }

    static TestPacket compareSwap(int psn, long address, int key, long compare, long swap) {
        return of(RoceOpcode.RC_COMPARE_SWAP, psn).atomic(address, key, swap, compare);
    }

    TestPacket reth(long address, int key, long length) {
        new RethFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH))
                .virtualAddress(address)
                .remoteKey(key)
                .dmaLength(length);
        return this;
    }

    TestPacket feth(int placement, int selectivity) {
        new FethFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.FETH))
                .set(0, selectivity, placement);
        return this;
    }

    TestPacket aeth(int syndrome) {
        new AethFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.AETH))
                .syndrome(syndrome)
                .messageSequenceNumber(0);
        return this;
    }

    TestPacket atomic(long address, int key, long swapOrAdd, long compare) {
        new AtomicEthFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ETH))
                .virtualAddress(address)
                .remoteKey(key)
                .swapOrAdd(swapOrAdd)
                .compare(compare);
        return askForAck();
    }

    TestPacket original(long value) {
        new AtomicAckEthFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ACK_ETH))
                .originalValue(value);
        return this;
    }

    TestPacket deth(int queueKey, int sourceQpn) {
        new DethFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.DETH))
                .queueKey(queueKey)
                .reserved(0)
                .sourceQpn(sourceQpn);
        return this;
    }

    TestPacket toQueue(int number) {
        new XrcEthFlyweight()
                .wrap(bytes, opcode.offsetOf(ExtensionHeader.XRC_ETH))
                .reserved(0)
                .sharedReceiveQueue(number);
        return this;
    }

    TestPacket immediate(int value) {
        new ImmDtFlyweight().wrap(bytes, opcode.offsetOf(ExtensionHeader.IMM_DT)).immediate(value);
        return this;
    }

    TestPacket invalidate(int key) {
        new IethFlyweight().wrap(bytes, opcode.offsetOf(ExtensionHeader.IETH)).remoteKey(key);
        return this;
    }

    TestPacket askForAck() {
        bth.ackRequest(true);
        return this;
    }

    /// Payload of a pattern, with the padding it needs.
    TestPacket payload(int length) {
        return payload(length, -length & 3);
    }

    TestPacket payload(int length, int padding) {
        payload = length;
        pad = padding;
        bth.padCount(padding);
        for (int i = 0; i < length; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, opcode.headerLength() + (long) i, payloadByte(i));
        }
        for (int i = 0; i < padding; i++) {
            long at = opcode.headerLength() + (long) length + i;
            bytes.set(ValueLayout.JAVA_BYTE, at, (byte) 0x7e);
        }
        return this;
    }

    static byte payloadByte(int index) {
        return (byte) (0x80 | index * 5);
    }

    RoceOpcode opcode() {
        return opcode;
    }

    BthFlyweight bth() {
        return bth;
    }

    MemorySegment bytes() {
        return bytes;
    }

    int padding() {
        return pad;
    }

    /// Bytes from the BTH to the padding.
    int length() {
        return opcode.headerLength() + payload + pad;
    }
}
