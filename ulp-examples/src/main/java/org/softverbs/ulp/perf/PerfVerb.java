package org.softverbs.ulp.perf;

import java.util.Set;
import org.softverbs.verbs.AccessFlag;

/// The operation under test.
enum PerfVerb {
    SEND("Send"),
    WRITE("RDMA_Write"),
    READ("RDMA_Read"),
    ATOMIC("Atomic");

    private final String title;

    PerfVerb(String title) {
        this.title = title;
    }

    /// The name in the heading, as perftest has it.
    String title() {
        return title;
    }

    /// What the peer may do, on a queue pair and with the buffer: no more than the test needs.
    Set<AccessFlag> remoteAccess() {
        return switch (this) {
            case SEND -> Set.of();
            case WRITE -> Set.of(AccessFlag.REMOTE_WRITE);
            case READ -> Set.of(AccessFlag.REMOTE_READ);
            case ATOMIC -> Set.of(AccessFlag.REMOTE_ATOMIC);
        };
    }

    /// Whether the responder has to answer with data, so that few may be outstanding.
    boolean reads() {
        return this == READ || this == ATOMIC;
    }
}
