package org.softverbs.ulp.demo;

/// The operations of the demonstration, in its order. The last one ends the connection.
enum DemoOperation {
    SEND(65_536, true, "the peer's next receive takes the message"),
    SEND_WITH_IMM(3000, true, "as SEND, and 32 bits go into the peer's completion"),
    RDMA_WRITE(1 << 20, false, "straight into the peer's memory; its program notices nothing"),
    RDMA_WRITE_WITH_IMM(10_000, true, "as RDMA WRITE, and the peer's program gets a completion"),
    RDMA_READ(1 << 20, false, "straight out of the peer's memory; its program notices nothing"),
    ATOMIC_CMP_AND_SWP(8, false, "swaps eight bytes of the peer if they are what we expect"),
    ATOMIC_FETCH_AND_ADD(8, false, "adds to eight bytes of the peer and brings back the old value"),
    SEND_WITH_INV(
            64, true, "asks to invalidate a key that only its owner may end: refused, by design");

    private final int bytes;
    private final boolean takesReceive;
    private final String meaning;

    DemoOperation(int bytes, boolean takesReceive, String meaning) {
        this.bytes = bytes;
        this.takesReceive = takesReceive;
        this.meaning = meaning;
    }

    int bytes() {
        return bytes;
    }

    /// Whether the peer must have posted a receive.
    boolean takesReceive() {
        return takesReceive;
    }

    String meaning() {
        return meaning;
    }

    boolean hasImmediate() {
        return this == SEND_WITH_IMM || this == RDMA_WRITE_WITH_IMM;
    }
}
