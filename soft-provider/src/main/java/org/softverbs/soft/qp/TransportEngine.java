package org.softverbs.soft.qp;

import java.util.List;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.Wait;

/// The protocol of one queue pair, without threads, clocks or sockets: packets, posted work, time
/// and state changes go in; packets, completions and events come out through its [EngineOutput].
///
/// Called by the owner of the device only. No packet makes a method throw.
public interface TransportEngine {

    /// What [#nextDeadline()] gives when no timer runs.
    long NO_DEADLINE = Long.MAX_VALUE;

    /// Takes a packet that is addressed to this queue pair and passed the checks that need no
    /// connection state.
    void onPacket(InboundPacket packet, RoceOpcode opcode, long nowNanos);

    /// Sends what can be sent: responses, acknowledgements, requests.
    ///
    /// @param budget most packets
    /// @return whether there is more to send as soon as the link has room
    boolean transmit(long nowNanos, int budget);

    /// Sends the acknowledgement or NAK that is due, if there is one and nothing is to be sent
    /// before it: the queue pair is about to leave its state, and its peer should know what
    /// arrived.
    void transmitAcknowledge();

    /// PSN of the next request to be sent, in a state that sends.
    int nextSendPsn();

    /// PSN that the next request of the peer must have, in a state that receives.
    int nextReceivePsn();

    /// Lets timers act that are due.
    void onTimer(long nowNanos);

    /// When the next timer is due, or [#NO_DEADLINE].
    long nextDeadline();

    /// The connection attributes for receiving were set; the state is RTR.
    void onReadyToReceive();

    /// The connection attributes for sending were set; the state is RTS.
    void onReadyToSend();

    /// The state is SQD.
    ///
    /// @param notify whether to raise SQ_DRAINED
    void onDrain(boolean notify);

    /// The state is ERR: completes everything posted with WR_FLUSH_ERR.
    void onError();

    /// The state is RESET: forgets everything, without completions.
    void onReset();

    /// Memory or keys are about to change hands: bytes that came in and are not placed yet are.
    default void land() {}

    /// What it waits for; empty when nothing is under way.
    List<Wait> waitsFor(long nowNanos);

    /// A number that is another one after every step forward: something sent and acknowledged,
    /// received, completed.
    long progressMark();
}
