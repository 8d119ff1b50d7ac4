package org.softverbs.sim.rc;

import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.WorkCompletionStatus;

/// A request on a send queue, as the model knows it.
final class Request {

    /// What it does, and what must come of it.
    enum Kind {
        SEND,
        SEND_WITH_IMMEDIATE,
        WRITE,
        WRITE_WITH_IMMEDIATE,
        READ,
        FETCH_AND_ADD,
        COMPARE_AND_SWAP,
        SEND_WITH_INVALIDATE,
        /// Binds a window or registers a fast registration.
        MAKE_VALID,
        LOCAL_INVALIDATE;

        /// Whether the peer needs a receive for it.
        boolean takesReceive() {
            return this == SEND
                    || this == SEND_WITH_IMMEDIATE
                    || this == SEND_WITH_INVALIDATE
                    || this == WRITE_WITH_IMMEDIATE;
        }

        /// Whether nothing of it goes on the wire.
        boolean isLocal() {
            return this == MAKE_VALID || this == LOCAL_INVALIDATE;
        }

        boolean isWrite() {
            return this == WRITE || this == WRITE_WITH_IMMEDIATE;
        }

        boolean isAtomic() {
            return this == FETCH_AND_ADD || this == COMPARE_AND_SWAP;
        }

        boolean hasImmediate() {
            return this == SEND_WITH_IMMEDIATE || this == WRITE_WITH_IMMEDIATE;
        }
    }

    final long id;
    final Kind kind;
    final int length;
    final boolean signaled;
    final boolean fenced;
    /// The slot of local memory it uses, -1 for none.
    int slot = -1;
    /// The peer's memory it goes to.
    int target;
    int offset;
    /// What a READ must give.
    byte @Nullable [] expected;
    /// What an atomic must give.
    long expectedValue;
    /// The counter of many queue pairs that it adds to, if it does.
    @Nullable SharedCounter shared;
    /// How many additions to that are done before it.
    long sharedLeast;
    /// How it must fail, when it is wrong in itself.
    @Nullable WorkCompletionStatus fate;

    Request(long id, Kind kind, int length, boolean signaled, boolean fenced) {
        this.id = id;
        this.kind = kind;
        this.length = length;
        this.signaled = signaled;
        this.fenced = fenced;
    }

    /// Whether no request after it can be carried out once it failed. A READ whose data cannot be
    /// placed fails when later requests may be under way.
    boolean stopsOthers() {
        return kind != Kind.READ || fate != WorkCompletionStatus.LOC_PROT_ERR;
    }

    /// Whether the peer must refuse it, which is the end of the peer's queue pair, too.
    boolean isRefusedByPeer() {
        return fate == WorkCompletionStatus.REM_ACCESS_ERR
                || fate == WorkCompletionStatus.REM_INV_REQ_ERR;
    }

    @Override
    public String toString() {
        return kind
                + " "
                + id
                + " of "
                + length
                + " bytes"
                + (fate == null ? "" : " (" + fate + ")");
    }
}
