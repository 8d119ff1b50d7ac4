package org.softverbs.conformance;

import org.softverbs.verbs.QueuePairState;

/// Two queue pairs of two machines.
///
/// @param left whose requests a test looks at
/// @param right its peer
public record Pair(End left, End right) {

    /// Brings both from RESET to RTS.
    void connect() {
        left.initialize();
        right.initialize();
        left.queuePair().modify(left.readyToReceive(right).build());
        right.queuePair().modify(right.readyToReceive(left).build());
        left.queuePair().modify(left.readyToSend().build());
        right.queuePair().modify(right.readyToSend().build());
    }

    /// Brings both to RTS once more, with nothing left over.
    public void reconnect() {
        left.move(QueuePairState.RESET);
        right.move(QueuePairState.RESET);
        left.sent();
        left.received();
        right.sent();
        right.received();
        connect();
    }
}
