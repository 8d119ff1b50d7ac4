package org.softverbs.ulp.perf;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// The datagram by which a client of perftest tells where it is: four bytes that mean nothing, and
/// its queue pair number as immediate data.
///
/// @param domain makes the way back
/// @param region whose first bytes it uses
/// @param sends completions of the test's send queues
/// @param receives completions of the test's receive queues
record DatagramGreeting(
        ProtectionDomain domain,
        MemoryRegion region,
        CompletionCursor sends,
        CompletionCursor receives) {

    private static final int LENGTH = 4;
    private static final int PORT = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Posts the receive for it.
    void expect(QueuePair queuePair) {
        queuePair.postReceive(
                new ReceiveWorkRequest(
                        0, region.element(0, DatagramSource.GLOBAL_ROUTE_LENGTH + LENGTH)));
    }

    /// Waits for it.
    ///
    /// @return the way back, which is the caller's
    AddressHandle await() {
        await(receives);
        return domain.createAddressHandle(receives.toWorkCompletion(), region.segment(), PORT);
    }

    /// Who sent what came last, with the Q_Key that this end has itself.
    DatagramDestination destination(AddressHandle way, QueuePair queuePair) {
        return new DatagramDestination(way, receives.immediate(), queuePair.query().queueKey());
    }

    /// Sends it.
    void send(QueuePair queuePair, DatagramDestination there) {
        queuePair.postSend(
                new SendWorkRequest.SendDatagramWithImmediate(
                        0,
                        List.of(region.element(0, LENGTH)),
                        there,
                        queuePair.number(),
                        Set.of(SendFlag.SIGNALED)));
        await(sends);
    }

    private static void await(CompletionCursor cursor) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!cursor.next()) {
            if (System.nanoTime() > end) {
                throw new ToolException(
                        "no greeting went over in " + PATIENCE.toSeconds() + " seconds");
            }
            Thread.onSpinWait();
        }
        PerfNode.succeeded(cursor);
    }
}
