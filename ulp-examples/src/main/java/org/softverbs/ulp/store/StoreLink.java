package org.softverbs.ulp.store;

import java.security.SecureRandom;
import java.util.Set;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;

/// One end's queue pair on its way to the other end.
///
/// @param queuePair in state INIT
/// @param firstPsn first PSN, 24 bits, that nobody can guess
record StoreLink(QueuePair queuePair, int firstPsn) {

    private static final int PORT = 1;
    private static final int NUMBER_BOUND = 1 << 24;

    /// Begins with a fresh queue pair.
    ///
    /// @param access what the peer may do
    static StoreLink begin(QueuePair queuePair, Set<AccessFlag> access) {
        queuePair.modify(QueuePairAttributes.toInit(access));
        return new StoreLink(queuePair, new SecureRandom().nextInt(NUMBER_BOUND));
    }

    private DeviceContext context() {
        return queuePair.protectionDomain().context();
    }

    StoreOffer offer(int queueDepth, StoreGeometry geometry, int maxTransfer) {
        GlobalIdentifier gid = context().gidTable(PORT).getFirst().gid();
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
        queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(peer.gid(), 0),
                        peer.queuePairNumber(),
                        peer.packetSequenceNumber(),
                        mtu));
        queuePair.modify(QueuePairAttributes.toReadyToSend(firstPsn));
    }
}
