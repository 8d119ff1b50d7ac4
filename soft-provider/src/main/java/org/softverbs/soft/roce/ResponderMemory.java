package org.softverbs.soft.roce;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.qp.LocalMemory;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportEngine;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.MemoryRight;
import org.softverbs.verbs.PlacementType;

/// A responder's hands on memory: finds the bytes first, touches them only when all is granted.
///
/// Methods that find say whether all was granted; what was not is [#refusal()].
final class ResponderMemory {

    private static final VarHandle ALIGNED_LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final long ATOMIC_LENGTH = 8;

    private final QueuePairCore qp;
    private final LocalMemory localMemory;
    private final @Nullable LatePlacement late;
    private final boolean emptyChecked;
    private final RunList target = new RunList();
    private final RunList whole = new RunList();
    private Accessor who;
    private long originalValue;
    private long persisted;
    private int wantedKey;
    private long wantedAddress;
    private long wantedLength;
    private MemoryRight wantedRight = MemoryRight.LOCAL_WRITE;
    private @Nullable Cause refusal;

    ResponderMemory(QueuePairCore qp) {
        this.qp = qp;
        this.localMemory = new LocalMemory(qp.memory(), qp.receiver());
        this.who = qp.accessor();
        this.emptyChecked = qp.profile().has(Deviation.ZERO_LENGTH_ACCESS_CHECKED);
        this.late =
                qp.profile().has(Deviation.RELAXED_WRITES_PLACED_LATE) ? new LatePlacement() : null;
    }

    /// As who it asks for the memory of receives and requests from now on.
    void who(Accessor other) {
        who = other;
        localMemory.who(other);
    }

    /// As who it asks for the memory of requests.
    Accessor who() {
        return who;
    }

    /// Whether the queue pair lets its peer do this at all.
    boolean isAllowed(Operation operation, RequestFields fields) {
        int needed =
                switch (operation) {
                    case WRITE, ATOMIC_WRITE -> AccessFlag.REMOTE_WRITE.bit();
                    case READ_REQUEST -> AccessFlag.REMOTE_READ.bit();
                    case COMPARE_SWAP, FETCH_ADD -> AccessFlag.REMOTE_ATOMIC.bit();
                    case FLUSH -> flushRights(fields.placement());
                    case SEND, READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> 0;
                };
        return (qp.connection().accessBits() & needed) == needed;
    }

    private static int flushRights(int placement) {
        return bitOf(placement, PlacementType.GLOBAL) | bitOf(placement, PlacementType.PERSISTENT);
    }

    private static int bitOf(int placement, PlacementType type) {
        return isAsked(placement, type) ? type.access().bit() : 0;
    }

    private static boolean isAsked(int placement, PlacementType type) {
        return (placement & type.bit()) != 0;
    }

    /// Why the last one was refused; only when it was.
    Cause refusal() {
        return Objects.requireNonNull(refusal);
    }

    /// Finds where a part of a SEND goes.
    boolean prepareReceive(ReceiveWqe receive, long offset, long length) {
        target.clear();
        AccessResult result =
                localMemory.resolve(
                        receive.elements(), offset, length, AccessRight.LOCAL_WRITE, target);
        if (result != AccessResult.GRANTED) {
            refusal = localMemory.refused(result, AccessRight.LOCAL_WRITE);
            return false;
        }
        if (length > 0) {
            about(
                    receive.elements().localKey(0),
                    receive.elements().address(0),
                    receive.elements().length(0),
                    MemoryRight.LOCAL_WRITE);
        }
        return true;
    }

    /// Finds where a packet of a WRITE goes, after checking `checked` bytes from its address on.
    /// Nothing is checked for no bytes, unless the profile wants it.
    boolean prepareWrite(int key, long address, long checked, long length) {
        target.clear();
        return (checked == 0 && !emptyChecked)
                || ((checked <= length || check(key, address, checked, AccessRight.REMOTE_WRITE))
                        && resolve(key, address, length, AccessRight.REMOTE_WRITE, target));
    }

    /// Copies the payload to where the last preparation found.
    ///
    /// @return false when the memory is gone
    boolean place(InboundPacket packet) {
        return place(packet.payload());
    }

    /// Copies the payload of a WRITE to where the last preparation found, or keeps it for later
    /// where the profile and the memory allow that.
    ///
    /// @return false when the memory is gone
    boolean placeWrite(InboundPacket packet, RoceOpcode opcode, int key, long nowNanos) {
        LatePlacement waiting = late;
        if (waiting == null) {
            return place(packet);
        }
        if (waiting.isHolding() && waiting.meets(target)) {
            waiting.land();
        }
        boolean wanted =
                opcode.startsMessage()
                        && !opcode.hasImmediate()
                        && packet.payload().total() > 0
                        && !waiting.isHolding();
        if (wanted && isRelaxed(key) && target.isAlive()) {
            return waiting.hold(packet.payload(), target, nowNanos)
                    || refuse(AccessResult.MEMORY_GONE);
        }
        return place(packet);
    }

    private boolean isRelaxed(int key) {
        return qp.memory().facts(key).access().contains(AccessFlag.RELAXED_ORDERING);
    }

    /// Places what is kept for later.
    void land() {
        if (late != null) {
            late.land();
        }
    }

    /// When what is kept is placed, or [TransportEngine#NO_DEADLINE].
    long nextDeadline() {
        return late == null ? TransportEngine.NO_DEADLINE : late.deadline();
    }

    void onTimer(long nowNanos) {
        if (late != null) {
            late.onTimer(nowNanos);
        }
    }

    /// Copies bytes to where the last preparation found.
    ///
    /// @return false when memory is gone
    boolean place(RunList bytes) {
        return bytes.copyTo(target) || refuse(AccessResult.MEMORY_GONE);
    }

    /// Checks that a READ may read; nothing is checked for no bytes, unless the profile wants it.
    boolean checkRead(int key, long address, long length) {
        return (length == 0 && !emptyChecked)
                || check(key, address, length, AccessRight.REMOTE_READ);
    }

    private boolean check(int key, long address, long length, AccessRight right) {
        whole.clear();
        return resolve(key, address, length, right, whole);
    }

    private boolean resolve(int key, long address, long length, AccessRight right, RunList runs) {
        about(key, address, length, right.memoryRight());
        AccessResult result = qp.memory().resolve(who, key, address, length, right, runs);
        return result == AccessResult.GRANTED || refuse(result);
    }

    /// Invalidates a key for a SEND with invalidate.
    boolean invalidate(int key) {
        AccessResult result = qp.memory().invalidate(who, key);
        if (result != AccessResult.GRANTED) {
            about(key, 0, 0, MemoryRight.KEY_CHANGE);
            return refuse(result);
        }
        return true;
    }

    private void about(int key, long address, long length, MemoryRight right) {
        wantedKey = key;
        wantedAddress = address;
        wantedLength = length;
        wantedRight = right;
    }

    private boolean refuse(AccessResult result) {
        refusal =
                qp.memory()
                        .refused(result, who, wantedRight, wantedKey, wantedAddress, wantedLength);
        return false;
    }

    /// Carries out an atomic; its old value is then [#originalValue()].
    boolean atomic(RoceOpcode opcode, RequestFields fields) {
        target.clear();
        if (!resolve(
                fields.key(), fields.address(), ATOMIC_LENGTH, AccessRight.REMOTE_ATOMIC, target)) {
            return false;
        }
        try {
            if (target.count() == 1 && isAligned(target.segment(0), target.offset(0))) {
                originalValue = atomicInMemory(opcode, fields);
            } else {
                originalValue = atomicByBytes(opcode, fields);
            }
            return true;
        } catch (IllegalStateException | InternalError gone) {
            return refuse(AccessResult.MEMORY_GONE);
        }
    }

    /// Carries out an ATOMIC WRITE.
    boolean atomicWrite(RequestFields fields) {
        target.clear();
        if (!resolve(
                fields.key(), fields.address(), ATOMIC_LENGTH, AccessRight.REMOTE_WRITE, target)) {
            return false;
        }
        try {
            if (target.count() == 1 && isAligned(target.segment(0), target.offset(0))) {
                ALIGNED_LONG.setVolatile(target.segment(0), target.offset(0), fields.swapOrAdd());
            } else {
                setBytes(fields.swapOrAdd());
            }
            return true;
        } catch (IllegalStateException | InternalError gone) {
            return refuse(AccessResult.MEMORY_GONE);
        }
    }

    /// Carries out a FLUSH: what the peer wrote before it is in memory already, as one thread after
    /// the other carries out what comes, and what is placed late has landed before.
    boolean flush(RequestFields fields) {
        boolean whole = !fields.isRange();
        if (isAsked(fields.placement(), PlacementType.GLOBAL)
                && !findFlushed(fields, whole, AccessRight.FLUSH_GLOBAL)) {
            return false;
        }
        VarHandle.fullFence();
        return !isAsked(fields.placement(), PlacementType.PERSISTENT)
                || (findFlushed(fields, whole, AccessRight.FLUSH_PERSISTENT) && force());
    }

    private boolean force() {
        long persistent = target.force();
        if (persistent < 0) {
            return refuse(AccessResult.MEMORY_GONE);
        }
        persisted += persistent;
        return true;
    }

    /// Bytes that the last FLUSHes made persistent since this was asked.
    long takePersisted() {
        long bytes = persisted;
        persisted = 0;
        return bytes;
    }

    private boolean findFlushed(RequestFields fields, boolean whole, AccessRight right) {
        target.clear();
        if (!whole) {
            return resolve(fields.key(), fields.address(), fields.dmaLength(), right, target);
        }
        about(fields.key(), 0, 0, right.memoryRight());
        AccessResult result = qp.memory().resolveAll(who, fields.key(), right, target);
        return result == AccessResult.GRANTED || refuse(result);
    }

    long originalValue() {
        return originalValue;
    }

    private static boolean isAligned(MemorySegment segment, long offset) {
        return segment.isNative() && (segment.address() + offset) % ATOMIC_LENGTH == 0;
    }

    private long atomicInMemory(RoceOpcode opcode, RequestFields fields) {
        MemorySegment segment = target.segment(0);
        long offset = target.offset(0);
        if (opcode.operation() == Operation.FETCH_ADD) {
            return (long) ALIGNED_LONG.getAndAdd(segment, offset, fields.swapOrAdd());
        }
        return (long)
                ALIGNED_LONG.compareAndExchange(
                        segment, offset, fields.compare(), fields.swapOrAdd());
    }

    /// For memory that lies in pieces: atomic towards all queue pairs of the device, not towards
    /// the CPU.
    private long atomicByBytes(RoceOpcode opcode, RequestFields fields) {
        long old = 0;
        for (int i = 0; i < ATOMIC_LENGTH; i++) {
            old |= (target.byteAt(i) & 0xffL) << NativeLong.shift(i);
        }
        long value = old;
        if (opcode.operation() == Operation.FETCH_ADD) {
            value = old + fields.swapOrAdd();
        } else if (old == fields.compare()) {
            value = fields.swapOrAdd();
        }
        setBytes(value);
        return old;
    }

    private void setBytes(long value) {
        for (int i = 0; i < ATOMIC_LENGTH; i++) {
            target.setByteAt(i, (byte) (value >>> NativeLong.shift(i)));
        }
    }
}
