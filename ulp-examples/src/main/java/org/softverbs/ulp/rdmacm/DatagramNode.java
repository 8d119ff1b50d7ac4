package org.softverbs.ulp.rdmacm;

import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// One end of a datagram service, or a member of a group.
final class DatagramNode extends CmTestNode {

    private @Nullable DatagramDestination peer;

    DatagramNode(ConnectionId id, int messages, int size) {
        super(id, messages, size);
    }

    @Override
    QueuePairType type() {
        return QueuePairType.UD;
    }

    @Override
    int prefix() {
        return DatagramSource.GLOBAL_ROUTE_LENGTH;
    }

    @Override
    void open() {
        int mtu = id().device().orElseThrow().queryPort(1).activeMtu().bytes();
        if (size() > mtu) {
            throw new ToolException(
                    "message size " + size() + " is larger than the active MTU " + mtu);
        }
        super.open();
    }

    /// Where its datagrams go.
    void setPeer(DatagramPeer there) {
        peer =
                new DatagramDestination(
                        domain().createAddressHandle(there.addressVector()),
                        there.queuePairNumber(),
                        there.queueKey());
    }

    /// Takes a datagram; the first one tells where the peer is.
    void receive() throws InterruptedException {
        WorkCompletion completion = receives().take();
        if (peer == null) {
            AddressHandle handle = domain().createAddressHandle(completion, region().segment(), 1);
            int queueKey = queuePair().query().queueKey();
            peer = new DatagramDestination(handle, completion.immediate().orElseThrow(), queueKey);
        }
    }

    void postSends(int count) {
        DatagramDestination there = peer;
        if (there == null) {
            throw new IllegalStateException("the peer is not known");
        }
        for (int i = 0; i < count; i++) {
            queuePair()
                    .postSend(
                            new SendWorkRequest.SendDatagramWithImmediate(
                                    i,
                                    List.of(region().element(prefix(), size())),
                                    there,
                                    queuePair().number(),
                                    EnumSet.noneOf(SendFlag.class)));
        }
    }

    @Override
    void closeOthers() {
        DatagramDestination there = peer;
        if (there != null) {
            there.handle().close();
        }
    }
}
