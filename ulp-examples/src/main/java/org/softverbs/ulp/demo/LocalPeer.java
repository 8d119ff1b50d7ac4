package org.softverbs.ulp.demo;

import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// The passive end in this process.
final class LocalPeer implements DemoPeer {

    /// What the eight bytes for atomics hold before an atomic.
    static final long WORD = 40;

    /// What the immediate of every operation that has one is.
    static final int IMMEDIATE = 0x5eed_cafe;

    private final DemoNode node;

    LocalPeer(DeviceContext context) {
        node = new DemoNode(context);
    }

    @Override
    public Offer connect(Offer active) {
        node.connect(active);
        return node.offer();
    }

    @Override
    public void prepare(DemoOperation operation) {
        node.clear();
        node.word(WORD);
        if (operation == DemoOperation.RDMA_READ) {
            node.fill(operation);
        }
        if (operation.takesReceive()) {
            node.queuePair()
                    .postReceive(
                            new ReceiveWorkRequest(
                                    operation.ordinal(),
                                    node.region()
                                            .element(DemoNode.DATA_OFFSET, operation.bytes())));
        }
    }

    @Override
    public Finding inspect(DemoOperation operation) {
        return switch (operation) {
            case SEND, SEND_WITH_IMM, RDMA_WRITE_WITH_IMM -> inspectReceive(operation);
            case RDMA_WRITE -> new Finding(node.holds(operation), "none: nothing was asked of it");
            case RDMA_READ -> new Finding(true, "none: nothing was asked of it");
            case ATOMIC_CMP_AND_SWP ->
                    new Finding(node.word() == WORD + 1, "none; its word is now " + node.word());
            case ATOMIC_FETCH_AND_ADD ->
                    new Finding(node.word() == WORD + 2, "none; its word is now " + node.word());
            case SEND_WITH_INV -> inspectRefusal(operation);
        };
    }

    private Finding inspectReceive(DemoOperation operation) {
        WorkCompletion completion = node.awaitReceive();
        boolean good =
                completion.isSuccess()
                        && completion.byteLength() == operation.bytes()
                        && node.holds(operation)
                        && (!operation.hasImmediate()
                                || completion.immediate().orElse(0) == IMMEDIATE);
        String immediate =
                completion.immediate().isPresent()
                        ? ", immediate 0x" + Integer.toHexString(completion.immediate().getAsInt())
                        : "";
        return new Finding(
                good,
                completion.opcode()
                        + " "
                        + completion.status()
                        + ", "
                        + completion.byteLength()
                        + " bytes"
                        + immediate);
    }

    private Finding inspectRefusal(DemoOperation operation) {
        WorkCompletion completion = node.awaitReceive();
        boolean good =
                completion.status() != WorkCompletionStatus.SUCCESS && !node.holds(operation);
        return new Finding(good, completion.opcode() + " " + completion.status());
    }

    @Override
    public void close() {
        node.close();
    }
}
