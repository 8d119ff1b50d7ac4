package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Two engines whose memory lies in pieces.
class MemoryInPiecesTest {

    private static final int PSN = EngineScript.SEND_PSN;

    /// Every operation between two engines whose every page lies elsewhere.
    @Test
    void shouldCarryOutEveryOperationOverMemoryInPieces() {
        MemoryAccessDoubles.Scattered leftMemory = new MemoryAccessDoubles.Scattered(64);
        MemoryAccessDoubles.Scattered rightMemory = new MemoryAccessDoubles.Scattered(4);
        EngineScript left = new EngineScript(false, leftMemory, c -> c.receivePsn(PSN));
        EngineScript right = new EngineScript(false, rightMemory, c -> c.receivePsn(PSN));
        leftMemory.fill(EngineScript.LOCAL, 5000);
        right.postReceive(1, 7000, 5000, 1);
        left.post(1, SendOperation.SEND_WITH_IMMEDIATE, 3001);
        exchange(left, right);
        left.expectCompletion(1);
        right.expectReceive(1, WorkCompletionOpcode.RECV, 3001);
        rightMemory.expect(7000, leftMemory, EngineScript.LOCAL, 3001);

        left.post(2, SendOperation.RDMA_WRITE, 5000, wqe -> wqe.remote(100_001, 1));
        exchange(left, right);
        left.expectCompletion(2);
        rightMemory.expect(100_001, leftMemory, EngineScript.LOCAL, 5000);

        rightMemory.fill(200_003, 4000);
        left.post(3, SendOperation.RDMA_READ, 4000, wqe -> wqe.remote(200_003, 1));
        exchange(left, right);
        left.expectCompletion(3);
        leftMemory.expect(EngineScript.LOCAL, rightMemory, 200_003, 4000);

        rightMemory.putLong(300_000, 40);
        left.post(
                4,
                SendOperation.FETCH_AND_ADD,
                8,
                wqe -> {
                    wqe.remote(300_000, 1);
                    wqe.operands(0, 2);
                });
        left.post(
                5,
                SendOperation.COMPARE_AND_SWAP,
                8,
                wqe -> {
                    wqe.remote(300_000, 1);
                    wqe.operands(42, -7);
                });
        exchange(left, right);
        left.expectCompletion(4);
        left.expectCompletion(5);
        assertThat(rightMemory.getLong(300_000)).isEqualTo(-7);
        assertThat(leftMemory.getLong(EngineScript.LOCAL)).isEqualTo(42);
        right.postReceive(6, 0);
        left.post(6, SendOperation.RDMA_WRITE_WITH_IMMEDIATE, 700, wqe -> wqe.remote(5, 1));
        exchange(left, right);
        left.expectCompletion(6);
        right.expectReceive(6, WorkCompletionOpcode.RECV_RDMA_WITH_IMM, 700);
        rightMemory.expect(5, leftMemory, EngineScript.LOCAL, 700);
        left.expectNothing();
        right.expectNothing();
    }

    private static void exchange(EngineScript left, EngineScript right) {
        while (left.packetsLeft() + right.packetsLeft() > 0) {
            left.takeSent().forEach(right::inject);
            right.takeSent().forEach(left::inject);
        }
    }
}
