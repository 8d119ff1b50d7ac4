package org.softverbs.conformance;

import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// An operation on 8 bytes of the peer. The atomics find [#OLD] there, add 1 or swap in [#NEW].
enum Operation {
    READ,
    WRITE,
    FETCH_AND_ADD,
    COMPARE_AND_SWAP;

    static final long OLD = 41;
    static final long NEW = 42;

    boolean isAtomic() {
        return this == FETCH_AND_ADD || this == COMPARE_AND_SWAP;
    }

    SendWorkRequest request(Requests kind, long id, Sge local, long address, int key) {
        return switch (this) {
            case READ -> kind.read(id, local, address, key);
            case WRITE -> kind.write(id, local, address, key);
            case FETCH_AND_ADD -> kind.fetchAndAdd(id, local, address, key, NEW - OLD);
            case COMPARE_AND_SWAP -> kind.compareAndSwap(id, local, address, key, OLD, NEW);
        };
    }
}
