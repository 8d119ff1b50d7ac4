package org.softverbs.ulp.perf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.WorkCompletionStatus;

/// One latency test on one queue pair: a message at a time.
///
/// Belongs to the thread that runs the test.
final class LatencyRun {

    /// Messages of a ping-pong of which one is confirmed by its completion.
    static final int CONFIRMATION_INTERVAL = 16;

    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private final PerfSettings settings;
    private final PerfLane lane;
    private final CompletionCursor sends;
    private final RunClock clock;
    private final MessageReceiver receiver;
    private final @Nullable ArrivalCheck check;
    private final long iterations;
    private final boolean starts;
    private LatencySamples samples = new LatencySamples(0);
    private long sent;
    private long received;
    private boolean lastUnconfirmed;

    LatencyRun(
            PerfSettings settings,
            PerfNode node,
            RunClock clock,
            MessageReceiver receiver,
            @Nullable ArrivalCheck check) {
        this.settings = settings;
        this.lane = node.lanes().getFirst();
        this.sends = node.sends();
        this.clock = clock;
        this.receiver = receiver;
        this.check = check;
        // As in perftest: with SENDs the client starts, with WRITEs the server.
        starts = settings.isClient() == (settings.test() == PerfTest.SEND_LAT);
        iterations = settings.isTimed() ? Long.MAX_VALUE : settings.iterations();
    }

    /// Whether the acknowledgement of the very last message never came: the peer had all it wanted
    /// and went away.
    boolean isLastUnconfirmed() {
        return lastUnconfirmed;
    }

    LatencySamples.Figures run(int size) {
        samples =
                new LatencySamples(
                        settings.isTimed() ? LatencySamples.MOST : settings.iterations());
        sent = 0;
        received = 0;
        clock.start();
        switch (settings.test()) {
            case SEND_LAT -> exchangeMessages();
            case WRITE_LAT -> exchangeWrites();
            case READ_LAT, ATOMIC_LAT -> request();
            case SEND_BW, WRITE_BW, READ_BW, ATOMIC_BW ->
                    throw new IllegalStateException("no latency test");
        }
        long messages = settings.isTimed() ? clock.sampledMessages() : sent;
        return samples.figures(size, messages, settings.test().isPingpong() ? 2 : 1);
    }

    private void exchangeMessages() {
        while (goesOn()) {
            if (mayReceive()) {
                while (!receivedOne()) {
                    clock.look(sent);
                    if (clock.isOver()) {
                        return;
                    }
                }
                received++;
            }
            if (sent < iterations) {
                send();
            }
        }
    }

    /// Each message carries its number in its last byte; the peer waits for it there, in memory.
    private void exchangeWrites() {
        MemorySegment memory = lane.region().segment();
        long outgoing = lane.outOffset() + lane.size() - 1;
        long incoming = lane.inOffset() + lane.size() - 1;
        byte former = memory.get(ValueLayout.JAVA_BYTE, outgoing);
        while (goesOn()) {
            if (mayReceive()) {
                byte number = (byte) (received + 1);
                while ((byte) BYTE.getVolatile(memory, incoming) != number) {
                    takeConfirmations();
                    clock.look(sent);
                    if (clock.isOver()) {
                        return;
                    }
                }
                if (check != null) {
                    check.written(received);
                }
                received++;
            }
            if (sent < iterations) {
                BYTE.setVolatile(memory, outgoing, (byte) (sent + 1));
                send();
            }
        }
        memory.set(ValueLayout.JAVA_BYTE, outgoing, former);
    }

    private void request() {
        while (sent < iterations && !clock.isOver()) {
            long sequence = sent;
            send();
            if (check != null) {
                if (settings.test() == PerfTest.ATOMIC_LAT) {
                    check.oldValue(sequence);
                } else {
                    check.read(sequence);
                }
            }
        }
    }

    private boolean goesOn() {
        return (sent < iterations || received < iterations) && !clock.isOver();
    }

    /// One end starts, and then they take turns.
    private boolean mayReceive() {
        return received < iterations && !(sent == 0 && starts);
    }

    private boolean receivedOne() {
        try {
            return receiver.takeOne();
        } catch (ToolException failure) {
            // Where a message could not be delivered, that is why receives fail.
            takeConfirmations();
            throw failure;
        }
    }

    /// In a ping-pong the answer says that a message arrived, and only now and then, and at the
    /// end, its completion is waited for.
    private boolean isConfirmed() {
        return !settings.test().isPingpong()
                || sent % CONFIRMATION_INTERVAL == 0
                || sent == iterations - 1;
    }

    private void send() {
        if (!settings.isTimed() || clock.isSampling()) {
            samples.stamp();
        } else {
            samples.pause();
        }
        boolean confirmed = isConfirmed();
        lane.post(0, sent, confirmed, false);
        sent++;
        if (settings.test() == PerfTest.SEND_LAT) {
            receiver.replenish();
        }
        while (confirmed && !sends.next()) {
            clock.look(sent);
            if (clock.isOver()) {
                return;
            }
        }
        if (confirmed && sends.status() != WorkCompletionStatus.SUCCESS) {
            tolerateLast();
        }
    }

    private void takeConfirmations() {
        while (sends.next()) {
            if (sends.status() != WorkCompletionStatus.SUCCESS) {
                throw PerfNode.failure(sends);
            }
        }
    }

    /// The peer of a ping-pong of WRITEs leaves without a word when it has its last message; if the
    /// acknowledgement was lost on the way, nobody repeats it.
    private void tolerateLast() {
        ToolException failure = PerfNode.failure(sends);
        boolean hasAll = sent == iterations && (received == iterations || starts);
        lastUnconfirmed =
                settings.test() == PerfTest.WRITE_LAT
                        && hasAll
                        && sends.status() == WorkCompletionStatus.RETRY_EXC_ERR;
        if (!lastUnconfirmed) {
            throw failure;
        }
    }
}
