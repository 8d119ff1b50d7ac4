package org.softverbs.sim.rc;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.rc.Request.Kind;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletionStatus;

/// Draws and posts the requests that lend memory, use what the peer lent, and give it back.
final class LoanRequests {

    private static final int GIVE_BACK_EVERY = 8;
    private static final int WRONG_EVERY = 40;

    private final SplittableRandom random;

    LoanRequests(SplittableRandom random) {
        this.random = random;
    }

    /// Posts one on an end that has room for it, when there is something to do.
    ///
    /// @return whether it did
    boolean post(End end) {
        Loan own = end.loan();
        Loan theirs = end.peer().loan();
        if (own.isFree() && random.nextInt(4) == 0) {
            own.lend();
            return true;
        }
        if (theirs.isUsable()) {
            if (random.nextInt(GIVE_BACK_EVERY) == 0) {
                giveBack(end, theirs);
            } else {
                use(end, theirs, theirs.key());
            }
            return true;
        }
        if (theirs.endedKey() != 0 && random.nextInt(WRONG_EVERY) == 0) {
            use(end, theirs, theirs.endedKey());
            return true;
        }
        return false;
    }

    /// A fence: answers to READs before it still need the key.
    private void giveBack(End end, Loan theirs) {
        Request request =
                new Request(end.sends().nextId(), Kind.SEND_WITH_INVALIDATE, 1, true, true);
        request.slot = end.sends().takeSlot();
        DataBank.fill(end.slot(request.slot), 0, request.id, request.length);
        int key = theirs.key();
        theirs.returning();
        end.post(
                request,
                new SendWorkRequest.SendWithInvalidate(
                        request.id, elements(end, request), key, flags(request)));
    }

    private static List<Sge> elements(End end, Request request) {
        return List.of(end.element(request.slot, 0, request.length));
    }

    private static Set<SendFlag> flags(Request request) {
        Set<SendFlag> flags = EnumSet.of(SendFlag.SIGNALED);
        if (request.fenced) {
            flags.add(SendFlag.FENCE);
        }
        return flags;
    }

    private void use(End end, Loan theirs, int key) {
        SendModel sends = end.sends();
        int length = 1 + random.nextInt(end.slotBytes());
        boolean read = random.nextInt(3) == 0;
        Kind kind = read ? Kind.READ : Kind.WRITE;
        Request request = new Request(sends.nextId(), kind, length, true, false);
        request.slot = sends.takeSlot();
        request.target = End.TARGETS;
        request.offset = random.nextInt(end.slotBytes() - length + 1);
        if (key != theirs.key() || !theirs.isUsable()) {
            request.fate = WorkCompletionStatus.REM_ACCESS_ERR;
        }
        boolean counts = request.fate == null && !sends.isDoomed();
        if (!read) {
            DataBank.fill(end.slot(request.slot), 0, request.id, length);
        }
        if (counts && read) {
            request.expected = sends.target(End.TARGETS).snapshot(request.offset, length);
        } else if (counts) {
            sends.target(End.TARGETS).posted(request.id, request.offset, length);
        }
        long address = theirs.address() + request.offset;
        List<Sge> elements = elements(end, request);
        Set<SendFlag> flags = flags(request);
        end.post(
                request,
                read
                        ? new SendWorkRequest.RdmaRead(request.id, elements, address, key, flags)
                        : new SendWorkRequest.RdmaWrite(request.id, elements, address, key, flags));
    }
}
