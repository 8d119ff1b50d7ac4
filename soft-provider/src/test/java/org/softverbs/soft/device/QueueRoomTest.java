package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;

/// Whoever has taken a completion finds room for another request, even while another thread drives
/// the device.
class QueueRoomTest {

    private static final int MESSAGES = 30_000;
    private static final int DEPTH = 256;
    private static final long DEADLINE_NANOS = Duration.ofSeconds(60).toNanos();

    @Test
    void shouldTakeARequestForEachCompletionTaken() {
        Map<String, String> options = Map.of("progress", "loop");
        try (TestNode left = new TestNode(RdmaDevices.open("rxe@127.1.1.1", options), 64);
                TestNode right = new TestNode(RdmaDevices.open("rxe@127.1.1.2", options), 64)) {
            TestNode.connect(left, right, Mtu.MTU_1024);
            SendCursor sends = left.queuePair.sendCursor();
            ReceiveCursor receives = right.queuePair.receiveCursor();
            for (int i = 0; i < DEPTH; i++) {
                receive(right, receives);
            }
            for (int i = 0; i < DEPTH; i++) {
                send(left, sends);
            }
            CompletionCursor sent = left.sends.cursor();
            CompletionCursor received = right.receives.cursor();
            long end = System.nanoTime() + DEADLINE_NANOS;
            for (int done = 0; done < MESSAGES && System.nanoTime() < end; ) {
                if (received.next()) {
                    receive(right, receives);
                }
                if (sent.next()) {
                    done++;
                    send(left, sends);
                }
            }
            assertThat(System.nanoTime()).isLessThan(end);
        }
    }

    private static void send(TestNode node, SendCursor cursor) {
        cursor.send(1).element(node.region.address(), 8, node.region.localKey()).signaled();
        assertThat(cursor.tryPost()).as("room for a send").isTrue();
    }

    private static void receive(TestNode node, ReceiveCursor cursor) {
        cursor.receive(1).element(node.region.address(), 8, node.region.localKey());
        assertThat(cursor.tryPost()).as("room for a receive").isTrue();
    }
}
