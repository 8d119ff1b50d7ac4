package org.softverbs.ulp.pingpong;

import java.security.SecureRandom;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;

/// One queue pair of a ping-pong: how it is connected, and whose turn it is.
final class PingpongLane implements AutoCloseable {

    private static final int NUMBER_BOUND = 1 << 24;
    private static final int MIN_RNR_TIMER = 12;
    private static final int TIMEOUT = 14;
    private static final int RETRIES = 7;
    private static final int QUEUE_KEY = 0x1111_1111;

    private final PingpongNode.Settings settings;
    private final QueuePair queuePair;
    private final SendCursor sends;
    private final int firstPsn;
    private @Nullable AddressHandle handle;
    private int peerNumber;
    private boolean sendPending;
    private boolean receivePending;

    PingpongLane(
            ProtectionDomain domain, QueuePairOptions options, PingpongNode.Settings settings) {
        this.settings = settings;
        queuePair = domain.createQueuePair(options);
        queuePair.modify(
                settings.service() == PingpongService.UD
                        ? QueuePairAttributes.toInitDatagram(QUEUE_KEY)
                        : QueuePairAttributes.toInit(Set.of()));
        sends = queuePair.sendCursor();
        firstPsn = randomPsn();
    }

    /// A PSN with a letter among its digits, see [PingpongAddress].
    private static int randomPsn() {
        SecureRandom random = new SecureRandom();
        return random.nextInt(NUMBER_BOUND) | 0xa;
    }

    int number() {
        return queuePair.number();
    }

    PingpongAddress address(GidEntry gid) {
        return new PingpongAddress(queuePair.number(), firstPsn, gid.gid(), true);
    }

    ReceiveCursor receiveCursor() {
        return queuePair.receiveCursor();
    }

    void connect(ProtectionDomain domain, PingpongAddress peer) {
        AddressVector way =
                new AddressVector(
                        peer.gid(), settings.gidIndex(), 0, 1, 0, settings.serviceLevel(), 1);
        peerNumber = peer.queuePairNumber();
        switch (settings.service()) {
            case RC, SRQ -> connectReliably(way, peer);
            case UC -> {
                queuePair.modify(
                        QueuePairAttributes.toReadyToReceiveUnreliable(
                                way,
                                peer.queuePairNumber(),
                                peer.packetSequenceNumber(),
                                settings.mtu()));
                queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(firstPsn));
            }
            case UD -> {
                queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
                queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(firstPsn));
                handle = domain.createAddressHandle(way);
            }
        }
    }

    private void connectReliably(AddressVector way, PingpongAddress peer) {
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(way)
                        .destinationQueuePairNumber(peer.queuePairNumber())
                        .receivePacketSequenceNumber(peer.packetSequenceNumber())
                        .pathMtu(settings.mtu())
                        .maxDestinationReadAtomic(1)
                        .minRnrTimer(MIN_RNR_TIMER)
                        .build());
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(firstPsn)
                        .timeout(TIMEOUT)
                        .retryCount(RETRIES)
                        .rnrRetry(RETRIES)
                        .maxReadAtomic(1)
                        .build());
    }

    void postSend(long id, long address, int length, int key) {
        sends.send(id);
        AddressHandle there = handle;
        if (there != null) {
            sends.destination(there, peerNumber, QUEUE_KEY);
        }
        sends.element(address, length, key).signaled().post();
        sendPending = true;
    }

    /// A message of the peer is its turn now.
    void awaitReceive() {
        receivePending = true;
    }

    void sent() {
        sendPending = false;
    }

    void received() {
        receivePending = false;
    }

    /// Whether it is this end's turn.
    boolean isIdle() {
        return !sendPending && !receivePending;
    }

    @Override
    public void close() {
        queuePair.close();
        AddressHandle there = handle;
        if (there != null) {
            there.close();
        }
    }
}
