package org.softverbs.soft.qp;

import org.softverbs.soft.memory.KeyedMemory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Explanation;

/// Is told what a device and its queue pairs do, each thing when it happens. A device without one
/// does nothing for it.
///
/// What is given belongs to the device, and is good until the method returns. Posts come from the
/// thread that posts, under the lock of the queue; all else from the owner of the device.
public interface DeviceWitness {

    /// A key opens memory from now on.
    default void registered(KeyedMemory memory) {}

    /// A key is gone.
    default void deregistered(int key) {}

    /// A queue pair was made.
    default void created(QueuePairCore queuePair) {}

    /// A queue pair has new attributes, or another state; its engine is about to be told.
    default void moved(QueuePairCore queuePair) {}

    /// A queue pair fails by something outside its engine.
    default void failed(QueuePairCore queuePair, Explanation why) {}

    /// A queue pair is gone.
    default void closed(QueuePairCore queuePair) {}

    /// A request is posted.
    default void posted(QueuePairCore queuePair, SendWqe request) {}

    /// A receive is posted.
    default void posted(QueuePairCore queuePair, ReceiveWqe request) {}

    /// An engine is about to be given a packet.
    default void received(QueuePairCore queuePair, InboundPacket packet) {}

    /// An engine has its turn to send.
    default void turn(QueuePairCore queuePair) {}

    /// An engine looks at its timers.
    default void timer(QueuePairCore queuePair) {}

    /// An engine sends the acknowledgement that it may owe.
    default void acknowledge(QueuePairCore queuePair) {}

    /// An engine is told that the link has no room.
    default void noRoom(QueuePairCore queuePair) {}

    /// An engine sends a packet.
    default void sent(QueuePairCore queuePair, OutboundPacket packet) {}

    /// An engine completes a request, or a receive.
    ///
    /// @param kept false when the completion queue had no room for it
    default void completed(
            QueuePairCore queuePair, boolean receive, boolean kept, CompletionEntry completion) {}

    /// An engine raises an event.
    default void raised(QueuePairCore queuePair, AsyncEventType type) {}

    /// The device has an event for its user, of an engine or of its own.
    default void reported(AsyncEvent event) {}

    /// A packet is dropped, for the reason that a counter has.
    default void dropped(TransportCounter reason) {}
}
