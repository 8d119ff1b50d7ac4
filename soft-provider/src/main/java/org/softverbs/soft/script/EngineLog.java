package org.softverbs.soft.script;

import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.WorkCompletion;

/// Is told what happens to one engine, in order, each thing with the time of the engine's clock in
/// nanoseconds.
public interface EngineLog {

    /// A statement of a script was carried out that has no other method here: `qp`, `region`,
    /// `window`, `fast`, `srq`, `deregister`, `modify`, `room`, `set` or `acknowledge`.
    default void statement(long nanos, String text) {}

    /// A request was posted.
    default void postedSend(long nanos, SendWqe wqe) {}

    /// A receive was posted.
    default void postedReceive(long nanos, ReceiveWqe wqe) {}

    /// A receive was posted to a shared receive queue.
    ///
    /// @param queue its number
    default void postedShared(long nanos, int queue, ReceiveWqe wqe) {}

    /// A packet came to the engine.
    default void received(long nanos, RocePacket packet) {}

    /// Bytes came in, from the BTH to the padding, whether or not they are a packet.
    default void receivedBytes(long nanos, byte[] bytes) {}

    /// What came in is no packet.
    default void refused(long nanos, PacketFault fault) {}

    /// The engine has its turn to send.
    default void turn(long nanos) {}

    /// The engine's timers are looked at.
    default void timer(long nanos) {}

    /// The engine sent a packet.
    default void sent(long nanos, RocePacket packet) {}

    /// The engine completed a request, or a receive.
    default void completed(
            long nanos, boolean receive, WorkCompletion completion, boolean solicited) {}

    /// The engine raised an event.
    default void raised(long nanos, AsyncEventType type) {}
}
