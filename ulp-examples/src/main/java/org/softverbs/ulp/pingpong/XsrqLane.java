package org.softverbs.ulp.pingpong;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendCursor;

/// What an end of an `xsrq-pingpong` has for one peer: a queue pair to send by and one to receive
/// by, and how far they are.
final class XsrqLane implements AutoCloseable {

    private static final int MIN_RNR_TIMER = 12;
    private static final int TIMEOUT = 14;
    private static final int RETRIES = 7;
    private static final int HOP_LIMIT = 5;

    private final QueuePair target;
    private final QueuePair initiator;
    private final SendCursor sends;
    private final int firstPsn;
    private @Nullable XsrqAddress peer;
    private @Nullable SideChannel channel;

    /// Messages that were sent to the peer's shared receive queue.
    int sent;

    XsrqLane(QueuePair target, QueuePair initiator, int firstPsn) {
        this.target = target;
        this.initiator = initiator;
        this.firstPsn = firstPsn;
        target.modify(
                QueuePairAttributes.toInit(
                        EnumSet.of(AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_READ)));
        initiator.modify(QueuePairAttributes.toInit(Set.of()));
        sends = initiator.sendCursor();
    }

    int receiveNumber() {
        return target.number();
    }

    int sendNumber() {
        return initiator.number();
    }

    int firstPsn() {
        return firstPsn;
    }

    SendCursor sends() {
        return sends;
    }

    XsrqAddress peer() {
        XsrqAddress known = peer;
        if (known == null) {
            throw new IllegalStateException("not connected");
        }
        return known;
    }

    SideChannel channel() {
        SideChannel known = channel;
        if (known == null) {
            throw new IllegalStateException("not connected");
        }
        return known;
    }

    /// Takes the connection to the peer over; it is closed with this.
    void channel(SideChannel toPeer) {
        channel = toPeer;
    }

    void connect(XsrqAddress to, XsrqPingpong.Settings settings) {
        peer = to;
        AddressVector way =
                new AddressVector(
                        to.gid(), settings.gidIndex(), 0, HOP_LIMIT, 0, settings.serviceLevel(), 1);
        connectTarget(way, to, settings.mtu());
        initiator.modify(
                QueuePairAttributes.toReadyToReceiveUnreliable(
                        way, to.receiveNumber(), to.packetSequenceNumber(), settings.mtu()));
        initiator.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(firstPsn)
                        .timeout(TIMEOUT)
                        .retryCount(RETRIES)
                        .rnrRetry(RETRIES)
                        .maxReadAtomic(0)
                        .build());
    }

    private void connectTarget(AddressVector way, XsrqAddress to, Mtu mtu) {
        target.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(way)
                        .destinationQueuePairNumber(to.sendNumber())
                        .receivePacketSequenceNumber(to.packetSequenceNumber())
                        .pathMtu(mtu)
                        .maxDestinationReadAtomic(0)
                        .minRnrTimer(MIN_RNR_TIMER)
                        .build());
        target.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(firstPsn)
                        .timeout(TIMEOUT)
                        .build());
    }

    @Override
    public void close() {
        initiator.close();
        target.close();
        SideChannel known = channel;
        if (known != null) {
            known.close();
        }
    }
}
