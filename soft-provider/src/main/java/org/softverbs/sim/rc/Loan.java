package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.rc.Request.Kind;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Memory of an end that its peer reaches by a key which comes and goes: lent by a work request,
/// given back by the peer's SEND with invalidate, or taken back while the peer uses it.
final class Loan {

    private enum State {
        /// No key is valid.
        FREE,
        /// The request that makes it valid is under way.
        MAKING,
        LENT,
        /// The peer gives it back.
        RETURNING,
        /// It is taken back; the peer does not know.
        REVOKING
    }

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private final End end;
    private State state = State.FREE;
    private @Nullable LentKey lent;
    private int endedKey;
    private boolean revoked;

    Loan(End end) {
        this.end = end;
    }

    private LentKey lent() {
        LentKey value = lent;
        if (value == null) {
            throw new IllegalStateException("nothing is open");
        }
        return value;
    }

    /// Makes memory and a key that opens nothing yet, unless there are.
    void open(ProtectionDomain domain, int size) {
        if (lent == null) {
            lent =
                    domain instanceof PrivilegedDomain privileged
                            ? new FastKey(privileged, size)
                            : new WindowKey(domain, size);
            state = State.FREE;
            endedKey = 0;
            revoked = false;
        }
    }

    MemorySegment memory() {
        return lent().memory();
    }

    long address() {
        return lent().address();
    }

    int key() {
        return lent().key();
    }

    /// The last key that was valid and is not any more; 0 for none.
    int endedKey() {
        return endedKey;
    }

    boolean isFree() {
        return lent != null && state == State.FREE;
    }

    /// Whether the peer may use it, as far as it knows.
    boolean isUsable() {
        return lent != null && (state == State.LENT || state == State.REVOKING);
    }

    boolean isLent() {
        return lent != null && state == State.LENT;
    }

    /// Whether it was taken back since the connection began, so that the peer may have found it
    /// gone.
    boolean wasRevoked() {
        return revoked;
    }

    /// Posts the request that makes the key valid.
    void lend() {
        Request request = new Request(end.sends().nextId(), Kind.MAKE_VALID, 0, true, false);
        state = State.MAKING;
        end.post(request, lent().makeValid(request.id, SIGNALED));
    }

    /// The peer posts what gives it back.
    void returning() {
        state = State.RETURNING;
        endedKey = key();
    }

    /// Posts the request that takes it back, while the peer uses it.
    void revoke() {
        Request request = new Request(end.sends().nextId(), Kind.LOCAL_INVALIDATE, 0, true, false);
        state = State.REVOKING;
        revoked = true;
        end.post(request, new SendWorkRequest.LocalInvalidate(request.id, key(), SIGNALED));
    }

    /// A request of the end's own was carried out.
    void succeeded(Kind kind) {
        if (kind == Kind.MAKE_VALID) {
            state = State.LENT;
        } else if (kind == Kind.LOCAL_INVALIDATE) {
            endedKey = key();
            state = State.FREE;
            end.peer().sends().loanGone();
        }
    }

    /// The peer's message that gives it back is there.
    void returned(WorkCompletion completion) {
        require(
                completion.invalidatedKey().isPresent()
                        && completion.invalidatedKey().getAsInt() == key(),
                "M8",
                () -> end + ": invalidated another key: " + completion);
        state = State.FREE;
        end.peer().sends().loanGone();
    }

    /// Nothing around it was written.
    void check() {
        if (lent != null) {
            long written = lent().writtenAround();
            require(written < 0, "M5", () -> end + ": byte " + written + " outside of a lent key");
        }
    }

    /// Gives everything back.
    void close() {
        if (lent != null) {
            check();
            lent().close();
            lent = null;
        }
    }

    /// The node lost power.
    void lost() {
        lent = null;
    }
}
