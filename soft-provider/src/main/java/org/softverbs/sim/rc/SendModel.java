package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// What must come of an end's requests: each is carried out once and in order, or completes with an
/// error; each signaled one completes once; and memory holds what it must on both sides.
final class SendModel {

    private final End end;
    private final ArrayDeque<Request> outstanding = new ArrayDeque<>();
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    private final List<TargetModel> targets = new ArrayList<>();
    private final List<CounterModel> counters = new ArrayList<>();
    private final Harm harm;
    private boolean failed;
    private boolean doomed;
    private boolean targetsGone;
    private boolean receivesGone;
    private long nextId = 1;
    private long messagesDone;
    private long posted;

    SendModel(End end, RcSettings settings) {
        this.end = end;
        this.harm = new Harm(end, settings);
        refill();
    }

    private void refill() {
        outstanding.clear();
        freeSlots.clear();
        for (int i = 0; i < End.SLOTS; i++) {
            freeSlots.addLast(i);
        }
    }

    /// The connection is new: what the peer's memory holds now is where it starts from.
    void begin() {
        targets.clear();
        counters.clear();
        MemorySegment memory = end.peer().targets();
        int size = end.slotBytes();
        for (int i = 0; i < End.TARGETS; i++) {
            targets.add(
                    new TargetModel(end + " target " + i, memory.asSlice((long) i * size, size)));
        }
        if (end.node().lends()) {
            targets.add(new TargetModel(end + " loan", end.peer().loan().memory()));
        }
        for (int i = 0; i < End.COUNTERS; i++) {
            long at = (long) End.TARGETS * size + (long) i * Long.BYTES;
            counters.add(new CounterModel(end + " counter " + i, memory, at));
        }
        harm.reset();
        targetsGone = false;
        receivesGone = false;
        failed = false;
        doomed = false;
        messagesDone = 0;
    }

    long nextId() {
        return nextId++;
    }

    /// Requests posted since the world began.
    long posted() {
        return posted;
    }

    boolean hasRoom() {
        return !failed && outstanding.size() < End.OUTSTANDING && !freeSlots.isEmpty();
    }

    /// Whether it is time to ask for a completion, so that the queue does not fill.
    boolean needsSignal() {
        return outstanding.size() >= End.OUTSTANDING / 2 || freeSlots.size() <= 2;
    }

    /// Whether the last request that was posted will tell nothing when it is done.
    boolean endsSilently() {
        return !outstanding.isEmpty() && !outstanding.getLast().signaled;
    }

    /// Whether one of its requests completed with an error since the connection began.
    boolean hasFailed() {
        return failed;
    }

    boolean isIdle() {
        return outstanding.isEmpty();
    }

    /// Takes a slot of local memory, which nobody wrote since it was free.
    int takeSlot() {
        int slot = freeSlots.removeFirst();
        checkFree(slot);
        return slot;
    }

    private void checkFree(int slot) {
        long at = (long) slot * end.slotBytes();
        long written = DataBank.written(end.slots(), at, end.slotBytes());
        require(
                written < 0,
                "M11",
                () ->
                        end
                                + ": byte "
                                + written
                                + " of slot "
                                + slot
                                + " was written after its request");
    }

    TargetModel target(int target) {
        return targets.get(target);
    }

    CounterModel counter(int counter) {
        return counters.get(counter);
    }

    /// Whether nothing that is posted now can be carried out: a request before it must fail.
    boolean isDoomed() {
        return doomed;
    }

    /// A request is about to be posted.
    void add(Request request) {
        posted++;
        if (request.fate != null && request.stopsOthers()) {
            doomed = true;
        }
        if (request.isRefusedByPeer()) {
            end.peer().expectRefusal();
        }
        if (request.kind.takesReceive() && (!doomed || request.fate != null)) {
            end.peer().receives().expect(request);
        }
        outstanding.addLast(request);
    }

    void completed(WorkCompletion completion) {
        require(
                !outstanding.isEmpty(),
                "C1",
                () -> end + ": a completion of nothing: " + completion);
        if (!failed) {
            while (outstanding.getFirst().id != completion.workRequestId()) {
                Request silent = outstanding.removeFirst();
                require(
                        !silent.signaled && !outstanding.isEmpty(),
                        "C1",
                        () -> end + ": " + silent + " got no completion before " + completion);
                succeed(silent);
            }
        }
        Request request = outstanding.removeFirst();
        require(
                request.id == completion.workRequestId(),
                "C2",
                () -> end + ": " + completion + " where " + request + " is due");
        if (completion.isSuccess()) {
            require(!failed, "C2", () -> end + ": success after a failure: " + completion);
            require(request.signaled, "C1", () -> end + ": " + request + " is not signaled");
            if (!request.kind.isLocal()) {
                harm.onProgress();
            }
            checkOpcode(request, completion);
            succeed(request);
        } else {
            fail(request, completion.status());
        }
    }

    private void checkOpcode(Request request, WorkCompletion completion) {
        WorkCompletionOpcode wanted =
                switch (request.kind) {
                    case SEND, SEND_WITH_IMMEDIATE, SEND_WITH_INVALIDATE ->
                            WorkCompletionOpcode.SEND;
                    case MAKE_VALID ->
                            end.node().isPrivileged()
                                    ? WorkCompletionOpcode.REG_MR
                                    : WorkCompletionOpcode.BIND_MW;
                    case LOCAL_INVALIDATE -> WorkCompletionOpcode.LOCAL_INV;
                    case WRITE, WRITE_WITH_IMMEDIATE -> WorkCompletionOpcode.RDMA_WRITE;
                    case READ -> WorkCompletionOpcode.RDMA_READ;
                    case FETCH_AND_ADD -> WorkCompletionOpcode.FETCH_ADD;
                    case COMPARE_AND_SWAP -> WorkCompletionOpcode.COMP_SWAP;
                };
        require(
                completion.opcode() == wanted,
                "C1",
                () -> end + ": " + completion + " of " + request);
    }

    private void succeed(Request request) {
        require(
                request.fate == null || end.node().isForged(),
                "M4",
                () -> end + ": " + request + " succeeded, and must not");
        if (!end.node().isForged()) {
            executed(request.id);
            checkResult(request);
        }
        if (request.kind.takesReceive()) {
            messagesDone = request.id;
        }
        if (request.kind.isLocal()) {
            end.loan().succeeded(request.kind);
        }
        release(request);
    }

    /// Requests up to this one are carried out.
    void executed(long request) {
        for (TargetModel target : targets) {
            target.executed(request);
        }
        for (CounterModel counter : counters) {
            counter.executed(request);
        }
    }

    private void checkResult(Request request) {
        long at = (long) request.slot * end.slotBytes();
        if (request.kind.isAtomic()) {
            long value = end.slots().get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            if (request.shared != null) {
                request.shared.completed(value, request.sharedLeast);
                return;
            }
            require(
                    value == request.expectedValue,
                    "T6",
                    () ->
                            end
                                    + ": "
                                    + request
                                    + " gave "
                                    + value
                                    + ", not "
                                    + request.expectedValue);
            return;
        }
        byte[] expected = request.expected;
        if (expected != null && !targets.isEmpty()) {
            targets.get(request.target)
                    .checkRead(
                            request.id,
                            fenceAfter(request.id),
                            end.slots(),
                            at,
                            expected,
                            request.offset);
            long written =
                    DataBank.written(
                            end.slots(), at + request.length, end.slotBytes() - request.length);
            require(written < 0, "M11", () -> end + ": wrote behind the end of " + request);
        }
    }

    private long fenceAfter(long id) {
        for (Request later : outstanding) {
            if (later.fenced && later.id > id) {
                return later.id;
            }
        }
        return Long.MAX_VALUE;
    }

    private void release(Request request) {
        if (request.slot >= 0) {
            end.slots()
                    .asSlice((long) request.slot * end.slotBytes(), end.slotBytes())
                    .fill(DataBank.POISON);
            freeSlots.addLast(request.slot);
        }
    }

    private void fail(Request request, WorkCompletionStatus status) {
        if (failed) {
            require(
                    status == WorkCompletionStatus.WR_FLUSH_ERR,
                    "C2",
                    () -> end + ": after the first failure " + request + " ended with " + status);
        } else {
            failed = true;
            require(
                    status == request.fate || end.node().allows(end, status),
                    status == WorkCompletionStatus.RNR_RETRY_EXC_ERR ? "T9" : "T2",
                    () -> end + ": no reason for " + status + " of " + request);
            require(
                    end.queuePair().state() == QueuePairState.ERR,
                    "T2",
                    () ->
                            end
                                    + ": "
                                    + status
                                    + ", and the queue pair is in "
                                    + end.queuePair().state());
        }
        release(request);
    }

    /// The peer's memory is out of reach: nothing of it changes any more.
    void targetsGone() {
        if (!targetsGone && !end.node().isForged()) {
            targets.stream().limit(End.TARGETS).forEach(TargetModel::abandon);
            counters.forEach(CounterModel::abandon);
        }
        targetsGone = true;
    }

    /// The key that the peer lent is valid no more: nothing of what is behind it changes.
    void loanGone() {
        if (targets.size() > End.TARGETS) {
            targets.get(End.TARGETS).revoke();
        }
    }

    /// The peer lost its memory.
    void peerLost() {
        targets.clear();
        counters.clear();
        targetsGone = true;
        receivesGone = true;
    }

    /// What the peer received is not known any more: its queue pair is gone.
    void receivesGone() {
        receivesGone = true;
    }

    /// Whether so much went wrong since the last progress that the retries may be used up.
    ///
    /// @param repeatedEnough whether the oldest request was sent again as often as it must be
    boolean mayBeOutOfRetries(boolean repeatedEnough) {
        if (harm.isOutOfReach()) {
            return true;
        }
        // A READ that comes again finds its memory gone, and no answer.
        return repeatedEnough && (end.peer().wasRevoked() || harm.isEnough());
    }

    boolean areTargetsGone() {
        return targetsGone;
    }

    /// The connection is over. Unsignaled requests may have succeeded before, in silence.
    void finish() {
        while (!outstanding.isEmpty()) {
            Request silent = outstanding.removeFirst();
            require(
                    !failed && !silent.signaled,
                    "C1",
                    () -> end + ": " + silent + " got no completion when the queue pair failed");
            succeed(silent);
        }
    }

    /// What was told to be delivered is delivered; to be asked when all was taken that completed on
    /// both sides.
    void checkDelivered() {
        require(
                end.node().isForged()
                        || receivesGone
                        || end.peer().receives().delivered() >= messagesDone,
                "T1",
                () ->
                        end
                                + ": message "
                                + messagesDone
                                + " succeeded, and the peer has none later than "
                                + end.peer().receives().delivered());
    }

    /// The queue pair is gone, and with it the requests that were posted.
    void destroyed() {
        end.slots().fill(DataBank.POISON);
        refill();
        failed = true;
    }

    /// Judges all memory.
    void checkAll() {
        freeSlots.forEach(this::checkFree);
        if (end.node().isForged()) {
            return;
        }
        targets.forEach(TargetModel::check);
        counters.forEach(CounterModel::check);
    }

    /// Judges the memory of one target.
    void checkOne(long turn) {
        if (!targets.isEmpty() && !end.node().isForged()) {
            targets.get((int) (turn % targets.size())).check();
        }
    }

    /// What is under way, for who looks at a failure.
    @Override
    public String toString() {
        return "sends " + outstanding + (failed ? " (failed)" : "");
    }

    /// @throws InvariantViolation when something is under way
    void requireIdle() {
        if (!outstanding.isEmpty()) {
            throw new InvariantViolation("T3", end + ": no end of " + outstanding);
        }
    }
}
