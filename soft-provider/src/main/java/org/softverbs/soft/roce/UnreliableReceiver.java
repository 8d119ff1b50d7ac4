package org.softverbs.soft.roce;

import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Takes what a peer sends that is told nothing of what becomes of it.
interface UnreliableReceiver {

    /// A connection begins, or the queue pair may receive.
    void start();

    /// Forgets the message under way.
    void reset();

    /// Takes a packet; in a state that receives.
    ///
    /// @return false when the queue pair failed by what its own program posted
    boolean onPacket(InboundPacket packet, RoceOpcode opcode);

    /// PSN that the next packet is expected to have.
    int expectedPsn();

    /// Completes all receives that the queue pair owns with WR_FLUSH_ERR.
    void flush();
}
