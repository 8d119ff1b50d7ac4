package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.XrcEthFlyweight;

/** The fields of one header that follows the BTH. */
public sealed interface Extension {

    /** Which header it is. */
    ExtensionHeader header();

    /** Writes the header at {@code offset}. */
    void write(MemorySegment segment, long offset);

    /** Reads the header that stands at {@code offset}. */
    static Extension read(ExtensionHeader header, MemorySegment segment, long offset) {
        return switch (header) {
            case RETH -> Reth.read(new RethFlyweight().wrap(segment, offset));
            case AETH -> Aeth.read(new AethFlyweight().wrap(segment, offset));
            case ATOMIC_ETH -> AtomicEth.read(new AtomicEthFlyweight().wrap(segment, offset));
            case ATOMIC_ACK_ETH ->
                    new AtomicAckEth(
                            new AtomicAckEthFlyweight().wrap(segment, offset).originalValue());
            case IMM_DT -> new ImmDt(new ImmDtFlyweight().wrap(segment, offset).immediate());
            case IETH -> new Ieth(new IethFlyweight().wrap(segment, offset).remoteKey());
            case DETH -> Deth.read(new DethFlyweight().wrap(segment, offset));
            case FETH -> Feth.read(new FethFlyweight().wrap(segment, offset));
            case XRC_ETH -> XrcEth.read(new XrcEthFlyweight().wrap(segment, offset));
        };
    }

    /** RDMA extended transport header. */
    record Reth(long virtualAddress, int remoteKey, long dmaLength) implements Extension {

        static Reth read(RethFlyweight reth) {
            return new Reth(reth.virtualAddress(), reth.remoteKey(), reth.dmaLength());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.RETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new RethFlyweight()
                    .wrap(segment, offset)
                    .virtualAddress(virtualAddress)
                    .remoteKey(remoteKey)
                    .dmaLength(dmaLength);
        }
    }

    /** Acknowledge extended transport header. */
    record Aeth(int syndrome, int messageSequenceNumber) implements Extension {

        static Aeth read(AethFlyweight aeth) {
            return new Aeth(aeth.syndrome(), aeth.messageSequenceNumber());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.AETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new AethFlyweight()
                    .wrap(segment, offset)
                    .syndrome(syndrome)
                    .messageSequenceNumber(messageSequenceNumber);
        }
    }

    /** Atomic extended transport header. */
    record AtomicEth(long virtualAddress, int remoteKey, long swapOrAdd, long compare)
            implements Extension {

        static AtomicEth read(AtomicEthFlyweight atomic) {
            return new AtomicEth(
                    atomic.virtualAddress(),
                    atomic.remoteKey(),
                    atomic.swapOrAdd(),
                    atomic.compare());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.ATOMIC_ETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new AtomicEthFlyweight()
                    .wrap(segment, offset)
                    .virtualAddress(virtualAddress)
                    .remoteKey(remoteKey)
                    .swapOrAdd(swapOrAdd)
                    .compare(compare);
        }
    }

    /** Atomic acknowledge extended transport header. */
    record AtomicAckEth(long originalValue) implements Extension {

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.ATOMIC_ACK_ETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new AtomicAckEthFlyweight().wrap(segment, offset).originalValue(originalValue);
        }
    }

    /** Immediate data. */
    record ImmDt(int immediate) implements Extension {

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.IMM_DT;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new ImmDtFlyweight().wrap(segment, offset).immediate(immediate);
        }
    }

    /** Invalidate extended transport header. */
    record Ieth(int remoteKey) implements Extension {

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.IETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new IethFlyweight().wrap(segment, offset).remoteKey(remoteKey);
        }
    }

    /** XRC extended transport header. */
    record XrcEth(int reserved, int sharedReceiveQueue) implements Extension {

        static XrcEth read(XrcEthFlyweight xrc) {
            return new XrcEth(xrc.reserved(), xrc.sharedReceiveQueue());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.XRC_ETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new XrcEthFlyweight()
                    .wrap(segment, offset)
                    .reserved(reserved)
                    .sharedReceiveQueue(sharedReceiveQueue);
        }
    }

    /** FLUSH extended transport header. */
    record Feth(int reserved, int selectivity, int placement) implements Extension {

        static Feth read(FethFlyweight feth) {
            return new Feth(feth.reserved(), feth.selectivity(), feth.placement());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.FETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new FethFlyweight().wrap(segment, offset).set(reserved, selectivity, placement);
        }
    }

    /** Datagram extended transport header. */
    record Deth(int queueKey, int reserved, int sourceQpn) implements Extension {

        static Deth read(DethFlyweight deth) {
            return new Deth(deth.queueKey(), deth.reserved(), deth.sourceQpn());
        }

        @Override
        public ExtensionHeader header() {
            return ExtensionHeader.DETH;
        }

        @Override
        public void write(MemorySegment segment, long offset) {
            new DethFlyweight()
                    .wrap(segment, offset)
                    .queueKey(queueKey)
                    .reserved(reserved)
                    .sourceQpn(sourceQpn);
        }
    }
}
