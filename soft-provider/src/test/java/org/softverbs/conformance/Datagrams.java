package org.softverbs.conformance;

import java.util.List;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// Queue pairs for datagrams, and what they send.
final class Datagrams {

    /// What each datagram carries.
    static final int QUEUE_KEY = 0x1111_1111;

    /// Bytes in front of what is received.
    static final int HEADER = DatagramSource.GLOBAL_ROUTE_LENGTH;

    private Datagrams() {}

    /// A queue pair in RTS.
    static End open(Node node) {
        return open(node, Setup.standard());
    }

    /// A queue pair in RTS.
    static End open(Node node, Setup setup) {
        End end = node.end(setup, QueuePairType.UD);
        end.queuePair().modify(QueuePairAttributes.toInitDatagram(QUEUE_KEY));
        end.move(QueuePairState.RTR);
        end.queuePair().modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        return end;
    }

    /// The way to a queue pair, by a handle of its own.
    static DatagramDestination destination(End from, End to) {
        return new DatagramDestination(from.node().handle(to.node()), to.number(), QUEUE_KEY);
    }

    /// A signaled datagram.
    static SendWorkRequest send(long id, DatagramDestination to, Sge... elements) {
        return send(Requests.SIGNALED, id, to, elements);
    }

    static SendWorkRequest send(Requests kind, long id, DatagramDestination to, Sge... elements) {
        return new SendWorkRequest.SendDatagram(id, List.of(elements), to, kind.flags());
    }
}
