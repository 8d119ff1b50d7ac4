package org.softverbs.ulp.store;

import java.security.SecureRandom;
import java.util.Set;
import org.softverbs.ulp.tool.PortGids;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;

/// One end's queue pair on its way to the other end.
///
/// @param queuePair in state INIT
/// @param firstPsn first PSN, 24 bits, that nobody can guess
/// @param end whose it is
record StoreLink(QueuePair queuePair, int firstPsn, StoreEnd end) {

    private static final int PORT = 1;
    private static final int NUMBER_BOUND = 1 << 24;

    /// 67 ms, and seven tries.
    private static final int TIMEOUT = 14;

    private static final int RETRIES = 7;
    private static final int READS = 16;

    /// Begins with a fresh queue pair.
    ///
    /// @param access what the peer may do
    static StoreLink begin(StoreEnd end, QueuePair queuePair, Set<AccessFlag> access) {
        queuePair.modify(QueuePairAttributes.toInit(access));
        return new StoreLink(queuePair, new SecureRandom().nextInt(NUMBER_BOUND), end);
    }

    private DeviceContext context() {
        return queuePair.protectionDomain().context();
    }

    StoreOffer offer(int queueDepth, StoreGeometry geometry, int maxTransfer) {
        GlobalIdentifier gid = PortGids.first(context());
        return new StoreOffer(
                gid,
                queuePair.number(),
                firstPsn,
                context().queryPort(PORT).activeMtu(),
                queueDepth,
                geometry.blockSize(),
                geometry.blocks(),
                maxTransfer);
    }

    /// Connects to the end that made an offer.
    ///
    /// @throws ToolException when the two cannot be connected
    void connect(StoreOffer peer) {
        Mtu own = context().queryPort(PORT).activeMtu();
        Mtu mtu = own.bytes() < peer.mtu().bytes() ? own : peer.mtu();
        queuePair.modify(toReadyToReceive(peer, mtu));
        queuePair.modify(toReadyToSend());
    }

    private QueuePairAttributes toReadyToReceive(StoreOffer peer, Mtu mtu) {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTR)
                .addressVector(new AddressVector(peer.gid(), 0))
                .destinationQueuePairNumber(peer.queuePairNumber())
                .receivePacketSequenceNumber(peer.packetSequenceNumber())
                .pathMtu(mtu)
                .maxDestinationReadAtomic(READS)
                .minRnrTimer(end.minRnrTimer())
                .build();
    }

    private QueuePairAttributes toReadyToSend() {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTS)
                .sendPacketSequenceNumber(firstPsn)
                .timeout(TIMEOUT)
                .retryCount(RETRIES)
                .rnrRetry(end.rnrRetry())
                .maxReadAtomic(READS)
                .build();
    }
}
