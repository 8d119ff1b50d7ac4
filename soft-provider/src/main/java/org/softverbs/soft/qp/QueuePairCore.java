package org.softverbs.soft.qp;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.ReceiveSource;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SharedReceiveSource;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.queue.XrcReceiveSource;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;

/// What every queue pair has, whatever its transport.
///
/// The state is written by the owner of the device and read by posters.
public final class QueuePairCore {

    private final QueuePairType type;
    private final Accessor accessor;
    private final boolean signalAll;
    private final MemoryAccess memory;
    private final SendQueue sendQueue;
    private final ReceiveQueue receiveQueue;
    private final ReceiveSource receives;
    private final Accessor receiver;
    private final DeviceProfile profile;
    private final ConnectionAttributes connection = new ConnectionAttributes();
    private volatile QueuePairState state = QueuePairState.RESET;
    private volatile @Nullable Explanation firstError;

    /// @param type its transport service
    /// @param accessor its number and its protection domain
    /// @param signalAll whether every send request is signaled
    /// @param memory the way to memory
    /// @param sendQueue its send queue
    /// @param receiveQueue its receive queue
    public QueuePairCore(
            QueuePairType type,
            Accessor accessor,
            boolean signalAll,
            MemoryAccess memory,
            SendQueue sendQueue,
            ReceiveQueue receiveQueue) {
        this(
                type,
                accessor,
                signalAll,
                memory,
                sendQueue,
                receiveQueue,
                null,
                DeviceProfile.standard());
    }

    /// @param shared where its receives come from, or null for its own receive queue
    /// @param profile what its device does otherwise than others
    public QueuePairCore(
            QueuePairType type,
            Accessor accessor,
            boolean signalAll,
            MemoryAccess memory,
            SendQueue sendQueue,
            ReceiveQueue receiveQueue,
            @Nullable SharedReceives shared,
            DeviceProfile profile) {
        this.profile = profile;
        this.type = type;
        this.accessor = accessor;
        this.signalAll = signalAll;
        this.memory = memory;
        this.sendQueue = sendQueue;
        this.receiveQueue = receiveQueue;
        this.receives = source(type, receiveQueue, shared);
        this.receiver =
                shared == null
                        ? accessor
                        : new Accessor(
                                shared.domain(), accessor.queuePair(), shared.isPrivileged());
    }

    private static ReceiveSource source(
            QueuePairType type, ReceiveQueue own, @Nullable SharedReceives shared) {
        if (type == QueuePairType.XRC_RECV) {
            return new XrcReceiveSource();
        }
        return shared == null ? own : new SharedReceiveSource(shared);
    }

    /// Its transport service.
    public QueuePairType type() {
        return type;
    }

    /// What its device does otherwise than others.
    public DeviceProfile profile() {
        return profile;
    }

    public int number() {
        return accessor.queuePair();
    }

    /// As who it asks for memory.
    public Accessor accessor() {
        return accessor;
    }

    public boolean isSignalAll() {
        return signalAll;
    }

    public MemoryAccess memory() {
        return memory;
    }

    public SendQueue sendQueue() {
        return sendQueue;
    }

    /// Its own receive queue.
    public ReceiveQueue receiveQueue() {
        return receiveQueue;
    }

    /// Where its receives come from.
    public ReceiveSource receives() {
        return receives;
    }

    /// As who it asks for the memory of receives: a shared queue has a domain of its own.
    public Accessor receiver() {
        return receiver;
    }

    public ConnectionAttributes connection() {
        return connection;
    }

    public QueuePairState state() {
        return state;
    }

    /// Whether packets of its peer are taken in its state.
    public boolean canReceive() {
        return switch (state) {
            case RTR, RTS, SQD, SQE -> true;
            case RESET, INIT, ERR -> false;
        };
    }

    /// Whether requests are sent in its state.
    public boolean canSend() {
        QueuePairState now = state;
        return now == QueuePairState.RTS || now == QueuePairState.SQD;
    }

    /// Why it failed first, since it was made or reset. Any thread.
    public @Nullable Explanation firstError() {
        return firstError;
    }

    /// Remembers why it fails, unless it had failed before.
    public void failed(Explanation why) {
        if (firstError == null) {
            firstError = why;
        }
    }

    /// It is as new.
    public void forgetError() {
        firstError = null;
    }

    public void state(QueuePairState value) {
        FlightEvents.stateChanged(number(), state, value);
        state = value;
    }
}
