package org.softverbs.sim.rc;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.rc.Request.Kind;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletionStatus;

/// Draws requests and posts them, telling the model first.
final class RequestMaker {

    private static final int MOST_INLINE = 128;

    /// Ways in which a request can be wrong.
    private enum Wrong {
        UNKNOWN_KEY(WorkCompletionStatus.REM_ACCESS_ERR),
        OLD_KEY(WorkCompletionStatus.REM_ACCESS_ERR),
        OTHER_DOMAIN(WorkCompletionStatus.REM_ACCESS_ERR),
        BEYOND_THE_END(WorkCompletionStatus.REM_ACCESS_ERR),
        BEFORE_THE_START(WorkCompletionStatus.REM_ACCESS_ERR),
        NO_REMOTE_RIGHT(WorkCompletionStatus.REM_ACCESS_ERR),
        MISALIGNED_ATOMIC(WorkCompletionStatus.REM_INV_REQ_ERR),
        TOO_LONG_FOR_THE_RECEIVE(WorkCompletionStatus.REM_INV_REQ_ERR),
        UNKNOWN_LOCAL_KEY(WorkCompletionStatus.LOC_PROT_ERR);

        private final WorkCompletionStatus fate;

        Wrong(WorkCompletionStatus fate) {
            this.fate = fate;
        }
    }

    private final SplittableRandom random;
    private final RcProfile profile;
    private final LoanRequests loans;

    RequestMaker(RcProfile profile, SplittableRandom random) {
        this.profile = profile;
        this.random = random;
        this.loans = new LoanRequests(random);
    }

    /// Posts one request on an end that has room for it.
    ///
    /// @param last whether it must complete
    /// @param allRight whether it must be right
    void post(End end, boolean last, boolean allRight) {
        SendModel sends = end.sends();
        if (profile.lends() && !allRight && random.nextInt(3) == 0 && loans.post(end)) {
            return;
        }
        boolean signaled = last || sends.needsSignal() || random.nextInt(3) != 0;
        Kind kind = kind();
        int length = kind.isAtomic() ? Long.BYTES : length(end.slotBytes());
        Request request =
                new Request(sends.nextId(), kind, length, signaled, random.nextInt(8) == 0);
        Wrong wrong = allRight ? null : wrong(request);
        request.slot = sends.takeSlot();
        SendWorkRequest work = wrong == null ? right(end, request) : wrong(end, request, wrong);
        end.post(request, work);
        if (work.flags().contains(SendFlag.INLINE)) {
            // The bytes were taken when it was posted.
            end.slot(request.slot).fill(DataBank.POISON);
        }
    }

    private Kind kind() {
        if (profile.atomics() && random.nextInt(4) != 0) {
            return random.nextBoolean() ? Kind.FETCH_AND_ADD : Kind.COMPARE_AND_SWAP;
        }
        return switch (random.nextInt(12)) {
            case 0, 1 -> Kind.SEND;
            case 2 -> Kind.SEND_WITH_IMMEDIATE;
            case 3, 4, 5 -> Kind.WRITE;
            case 6 -> Kind.WRITE_WITH_IMMEDIATE;
            case 7, 8, 9 -> Kind.READ;
            case 10 -> Kind.FETCH_AND_ADD;
            default -> Kind.COMPARE_AND_SWAP;
        };
    }

    private int length(int most) {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt(5);
            case 1 -> Math.min(most, 255 + random.nextInt(3));
            case 2 -> random.nextInt(Math.min(most, 1200) + 1);
            case 3 -> most;
            default -> random.nextInt(most + 1);
        };
    }

    private @Nullable Wrong wrong(Request request) {
        if (profile.wrongRequests() == 0 || random.nextInt(profile.wrongRequests()) != 0) {
            return null;
        }
        Wrong drawn = Wrong.values()[random.nextInt(Wrong.values().length)];
        boolean message = request.kind == Kind.SEND || request.kind == Kind.SEND_WITH_IMMEDIATE;
        boolean fits =
                switch (drawn) {
                    case UNKNOWN_KEY,
                            OLD_KEY,
                            OTHER_DOMAIN,
                            BEYOND_THE_END,
                            BEFORE_THE_START,
                            NO_REMOTE_RIGHT ->
                            !message && request.length > 0;
                    case MISALIGNED_ATOMIC -> request.kind.isAtomic();
                    case TOO_LONG_FOR_THE_RECEIVE -> message;
                    case UNKNOWN_LOCAL_KEY -> request.length > 0 && !request.kind.isAtomic();
                };
        return fits ? drawn : null;
    }

    private SendWorkRequest right(End end, Request request) {
        SendModel sends = end.sends();
        boolean reaches = request.length > 0 && !isMessage(request);
        if (reaches && sends.areTargetsGone()) {
            request.fate = WorkCompletionStatus.REM_ACCESS_ERR;
        }
        boolean counts = request.fate == null && !sends.isDoomed() && !end.node().isForged();
        long remote = end.peer().remoteAddress();
        int size = end.slotBytes();
        boolean shared = profile.atomics() && request.kind == Kind.FETCH_AND_ADD;
        if (shared && request.fate == null && random.nextBoolean()) {
            SharedCounter counter = end.peer().node().sharedCounter();
            request.shared = counter;
            request.sharedLeast = counter.post();
            Values step = new Values(SharedCounter.STEP, 0);
            return work(end, request, counter.address(), counter.key(), step);
        }
        if (request.kind.isAtomic()) {
            int counter = random.nextInt(End.COUNTERS);
            remote += (long) End.TARGETS * size + (long) counter * Long.BYTES;
            Values values = values(request, counts ? sends.counter(counter) : null);
            return work(end, request, remote, end.peer().remoteKey(), values);
        }
        request.target = random.nextInt(End.TARGETS);
        request.offset = random.nextInt(size - request.length + 1);
        remote += (long) request.target * size + request.offset;
        if (request.kind != Kind.READ) {
            DataBank.fill(end.slot(request.slot), 0, request.id, request.length);
        }
        if (counts && request.kind.isWrite()) {
            sends.target(request.target).posted(request.id, request.offset, request.length);
        } else if (counts && request.kind == Kind.READ) {
            request.expected =
                    sends.target(request.target).snapshot(request.offset, request.length);
        }
        // Nothing is looked up for no bytes: any key will do.
        int key = reaches ? end.peer().remoteKey() : end.peer().remoteKey() ^ random.nextInt();
        return work(end, request, remote, key, NO_VALUES);
    }

    private static boolean isMessage(Request request) {
        return request.kind == Kind.SEND || request.kind == Kind.SEND_WITH_IMMEDIATE;
    }

    /// What an atomic compares with or adds, and what it swaps in.
    private record Values(long compareOrAdd, long swap) {}

    private static final Values NO_VALUES = new Values(0, 0);

    private Values values(Request request, @Nullable CounterModel counter) {
        long known = counter == null ? 0 : counter.posted();
        long value = 1L + random.nextInt(1000);
        if (request.kind == Kind.FETCH_AND_ADD) {
            request.expectedValue = counter == null ? 0 : counter.add(request.id, value);
            return new Values(value, 0);
        }
        long compare = random.nextInt(3) == 0 ? known + 1 : known;
        request.expectedValue =
                counter == null ? 0 : counter.compareAndSwap(request.id, compare, value);
        return new Values(compare, value);
    }

    private SendWorkRequest wrong(End end, Request request, Wrong wrong) {
        request.fate = wrong.fate;
        End peer = end.peer();
        long start = peer.remoteAddress();
        long length = peer.targets().byteSize();
        int key = peer.remoteKey();
        return switch (wrong) {
            case UNKNOWN_KEY -> work(end, request, start, key ^ 0x5a5a_5a00, NO_VALUES);
            case OLD_KEY -> work(end, request, start, key ^ 1 + random.nextInt(255), NO_VALUES);
            case OTHER_DOMAIN ->
                    work(
                            end,
                            request,
                            peer.node().vault().address(),
                            peer.node().vault().remoteKey(),
                            NO_VALUES);
            case BEYOND_THE_END -> {
                long past = request.kind.isAtomic() ? Long.BYTES : 1 + random.nextInt(2) * 60;
                yield work(end, request, start + length - request.length + past, key, NO_VALUES);
            }
            case BEFORE_THE_START -> {
                long before = request.kind.isAtomic() ? Long.BYTES : 1 + random.nextInt(64);
                yield work(end, request, start - before, key, NO_VALUES);
            }
            case NO_REMOTE_RIGHT ->
                    work(end, request, peer.bufferAddress(), peer.bufferKey(), NO_VALUES);
            case MISALIGNED_ATOMIC ->
                    work(end, request, start + 1 + random.nextInt(7), key, NO_VALUES);
            case TOO_LONG_FOR_THE_RECEIVE -> {
                Sge all =
                        new Sge(end.local().address(), end.slotBytes() + 1, end.local().localKey());
                yield work(request, List.of(all), start, key, NO_VALUES, flags(request));
            }
            case UNKNOWN_LOCAL_KEY -> {
                Sge element = end.element(request.slot, 0, request.length);
                Sge bad = new Sge(element.address(), element.length(), element.localKey() ^ 0x5a00);
                yield work(request, List.of(bad), start, key, NO_VALUES, flags(request));
            }
        };
    }

    private SendWorkRequest work(End end, Request request, long remote, int key, Values values) {
        Set<SendFlag> flags = flags(request);
        boolean takesData = !request.kind.isAtomic() && request.kind != Kind.READ;
        if (takesData && request.length <= MOST_INLINE && random.nextInt(3) == 0) {
            flags.add(SendFlag.INLINE);
        }
        return work(request, elements(end, request), remote, key, values, flags);
    }

    private static Set<SendFlag> flags(Request request) {
        Set<SendFlag> flags = EnumSet.noneOf(SendFlag.class);
        if (request.signaled) {
            flags.add(SendFlag.SIGNALED);
        }
        if (request.fenced) {
            flags.add(SendFlag.FENCE);
        }
        return flags;
    }

    private List<Sge> elements(End end, Request request) {
        if (request.kind.isAtomic() || random.nextBoolean()) {
            return List.of(end.element(request.slot, 0, request.length));
        }
        List<Sge> elements = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < 2; i++) {
            int part = random.nextInt(request.length - at + 1);
            elements.add(end.element(request.slot, at, part));
            at += part;
        }
        elements.add(end.element(request.slot, at, request.length - at));
        return elements;
    }

    private static SendWorkRequest work(
            Request request,
            List<Sge> elements,
            long remote,
            int key,
            Values values,
            Set<SendFlag> flags) {
        long id = request.id;
        int immediate = (int) id;
        return switch (request.kind) {
            case SEND -> new SendWorkRequest.Send(id, elements, flags);
            case SEND_WITH_IMMEDIATE ->
                    new SendWorkRequest.SendWithImmediate(id, elements, immediate, flags);
            case SEND_WITH_INVALIDATE, MAKE_VALID, LOCAL_INVALIDATE ->
                    throw new IllegalArgumentException(request + " is of a loan");
            case WRITE -> new SendWorkRequest.RdmaWrite(id, elements, remote, key, flags);
            case WRITE_WITH_IMMEDIATE ->
                    new SendWorkRequest.RdmaWriteWithImmediate(
                            id, elements, remote, key, immediate, flags);
            case READ -> new SendWorkRequest.RdmaRead(id, elements, remote, key, flags);
            case FETCH_AND_ADD ->
                    new SendWorkRequest.FetchAndAdd(
                            id, elements, remote, key, values.compareOrAdd(), flags);
            case COMPARE_AND_SWAP ->
                    new SendWorkRequest.CompareAndSwap(
                            id, elements, remote, key, values.compareOrAdd(), values.swap(), flags);
        };
    }
}
