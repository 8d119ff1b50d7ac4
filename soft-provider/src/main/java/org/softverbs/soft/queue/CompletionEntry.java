package org.softverbs.soft.queue;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// One completion with its fields open to change: a slot of a ring, or the copy that a reader
/// holds.
public final class CompletionEntry {

    /// What the `immediateOrKey` field of a completion holds.
    public enum Extra {
        NOTHING,
        IMMEDIATE,
        INVALIDATED_KEY
    }

    private long id;
    private WorkCompletionStatus status = WorkCompletionStatus.SUCCESS;
    private WorkCompletionOpcode opcode = WorkCompletionOpcode.SEND;
    private int vendorError;
    private long byteLength;
    private Extra extra = Extra.NOTHING;
    private int immediateOrKey;
    private int queuePairNumber;
    private boolean solicited;
    private long position;
    private int sharedQueue;
    private boolean datagram;
    private int sourceQueuePair;
    private @Nullable Explanation failure;
    private long timestamp;
    private long wallClock;

    /// Starts a completion of the given work; everything else is zero or absent.
    public CompletionEntry begin(
            int queuePair,
            long workRequestId,
            WorkCompletionStatus newStatus,
            WorkCompletionOpcode newOpcode) {
        queuePairNumber = queuePair;
        id = workRequestId;
        status = newStatus;
        opcode = newOpcode;
        vendorError = 0;
        byteLength = 0;
        extra = Extra.NOTHING;
        immediateOrKey = 0;
        solicited = false;
        position = 0;
        sharedQueue = 0;
        datagram = false;
        sourceQueuePair = 0;
        failure = null;
        timestamp = 0;
        wallClock = 0;
        return this;
    }

    /// Where in its queue the request was.
    public CompletionEntry position(long value) {
        position = value;
        return this;
    }

    /// Why it failed, or why its queue pair did.
    public CompletionEntry failure(@Nullable Explanation value) {
        failure = value;
        return this;
    }

    /// Number of the shared receive queue that the receive was posted to.
    public CompletionEntry sharedQueue(int number) {
        sharedQueue = number;
        return this;
    }

    /// It is a datagram that arrived, from this queue pair.
    public CompletionEntry datagramFrom(int queuePair) {
        datagram = true;
        sourceQueuePair = queuePair;
        return this;
    }

    public CompletionEntry byteLength(long value) {
        byteLength = value;
        return this;
    }

    public CompletionEntry vendorError(int value) {
        vendorError = value;
        return this;
    }

    public CompletionEntry extra(Extra kind, int value) {
        extra = kind;
        immediateOrKey = value;
        return this;
    }

    public CompletionEntry solicited(boolean value) {
        solicited = value;
        return this;
    }

    /// When it was added, by the device's clock.
    public CompletionEntry timestamp(long ticks) {
        timestamp = ticks;
        return this;
    }

    /// When it was added, by the clock on the wall.
    public CompletionEntry wallClock(long nanos) {
        wallClock = nanos;
        return this;
    }

    void copyFrom(CompletionEntry other) {
        id = other.id;
        status = other.status;
        opcode = other.opcode;
        vendorError = other.vendorError;
        byteLength = other.byteLength;
        extra = other.extra;
        immediateOrKey = other.immediateOrKey;
        queuePairNumber = other.queuePairNumber;
        solicited = other.solicited;
        position = other.position;
        sharedQueue = other.sharedQueue;
        datagram = other.datagram;
        sourceQueuePair = other.sourceQueuePair;
        failure = other.failure;
        timestamp = other.timestamp;
        wallClock = other.wallClock;
    }

    public long position() {
        return position;
    }

    public long id() {
        return id;
    }

    public WorkCompletionStatus status() {
        return status;
    }

    public WorkCompletionOpcode opcode() {
        return opcode;
    }

    public int vendorError() {
        return vendorError;
    }

    public long byteLength() {
        return byteLength;
    }

    public Extra extra() {
        return extra;
    }

    public int immediateOrKey() {
        return immediateOrKey;
    }

    public int queuePairNumber() {
        return queuePairNumber;
    }

    /// Number of the shared receive queue that the receive was posted to, or 0.
    public int sharedQueue() {
        return sharedQueue;
    }

    public boolean isDatagram() {
        return datagram;
    }

    public long timestamp() {
        return timestamp;
    }

    public long wallClock() {
        return wallClock;
    }

    public int sourceQueuePair() {
        return sourceQueuePair;
    }

    /// Whether it wakes a waiter that asked for solicited completions only.
    public boolean isSolicited() {
        return solicited || status != WorkCompletionStatus.SUCCESS;
    }

    public WorkCompletion toWorkCompletion() {
        return new WorkCompletion(
                id,
                status,
                opcode,
                vendorError,
                byteLength,
                extra == Extra.IMMEDIATE ? OptionalInt.of(immediateOrKey) : OptionalInt.empty(),
                extra == Extra.INVALIDATED_KEY
                        ? OptionalInt.of(immediateOrKey)
                        : OptionalInt.empty(),
                queuePairNumber,
                datagram
                        ? Optional.of(new DatagramSource(sourceQueuePair, true, 0, 0))
                        : Optional.empty(),
                Optional.ofNullable(failure));
    }
}
