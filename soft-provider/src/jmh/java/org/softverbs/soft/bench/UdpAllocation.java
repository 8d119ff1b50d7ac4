package org.softverbs.soft.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingStream;
import org.softverbs.soft.device.TestNode;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletionStatus;

/// What is allocated for each packet over UDP sockets, and by whom: two nodes on loopback, both
/// driven by this thread, which writes messages and counts the bytes that it allocates. A profile
/// of the allocations (the JVM's own, `jdk.ObjectAllocationSample`) tells the classes and places.
///
/// `UdpAllocation [MESSAGE-BYTES [SECONDS]]`
public final class UdpAllocation {

    private static final int IN_FLIGHT = 8;
    private static final String OURS = "org.softverbs";

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final TestNode left;
    private final TestNode right;
    private final SendCursor sends;
    private final CompletionCursor sent;
    private final CompletionCursor idle;
    private final int length;

    private UdpAllocation(int length) {
        this.length = length;
        left = new TestNode(RdmaDevices.open("rxe@127.6.0.3"), length);
        right = new TestNode(RdmaDevices.open("rxe@127.6.0.4"), length);
        TestNode.connect(left, right, Mtu.MTU_4096);
        sends = left.queuePair.sendCursor();
        sent = left.sends.cursor();
        idle = right.receives.cursor();
    }

    /// Prints bytes a packet, then where they come from.
    public static void main(String[] args) throws InterruptedException {
        int length = args.length > 0 ? Integer.parseInt(args[0]) : 65_536;
        double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 5;
        UdpAllocation run = new UdpAllocation(length);
        run.write(seconds);
        long packets = run.packets();
        long before = run.threads.getCurrentThreadAllocatedBytes();
        run.write(seconds);
        long bytes = run.threads.getCurrentThreadAllocatedBytes() - before;
        packets = run.packets() - packets;
        System.out.printf(
                "WRITE of %d bytes, MTU 4096: %d packets sent and received, %.2f bytes each%n",
                length, packets, (double) bytes / packets);
        run.profile(seconds);
    }

    private void write(double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int inFlight = 0;
        while (System.nanoTime() < end || inFlight > 0) {
            while (inFlight < IN_FLIGHT && System.nanoTime() < end) {
                sends.rdmaWrite(1, right.region.address(), right.region.remoteKey())
                        .element(left.region.address(), length, left.region.localKey())
                        .signaled()
                        .post();
                inFlight++;
            }
            while (sent.next()) {
                if (sent.status() != WorkCompletionStatus.SUCCESS) {
                    throw new IllegalStateException(sent.toWorkCompletion().toString());
                }
                inFlight--;
            }
            if (idle.next()) {
                throw new IllegalStateException("a WRITE completes nothing at its target");
            }
        }
    }

    private long packets() {
        Map<String, Long> counters = left.context.counters();
        return Objects.requireNonNull(counters.get("sent_packets"))
                + Objects.requireNonNull(counters.get("received_packets"));
    }

    private void profile(double seconds) throws InterruptedException {
        Map<String, LongAdder> weights = new ConcurrentHashMap<>();
        AtomicReference<Instant> start = new AtomicReference<>(Instant.MAX);
        String own = Thread.currentThread().getName();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s").withStackTrace();
            stream.onEvent(
                    event -> {
                        if (event.getStartTime().isAfter(start.get())
                                && event.getThread() != null
                                && own.equals(event.getThread().getJavaName())) {
                            weights.computeIfAbsent(place(event), key -> new LongAdder())
                                    .add(event.getLong("weight"));
                        }
                    });
            stream.startAsync();
            write(1);
            start.set(Instant.now());
            write(seconds);
            stream.stop();
            stream.awaitTermination(Duration.ofSeconds(10));
        }
        long all = weights.values().stream().mapToLong(LongAdder::sum).sum();
        weights.entrySet().stream()
                .sorted(Comparator.comparingLong(place -> -place.getValue().sum()))
                .forEach(
                        place ->
                                System.out.printf(
                                        "%5.1f %%  %s%n",
                                        100.0 * place.getValue().sum() / all, place.getKey()));
    }

    /// The class of the object, who made it, and the method of ours that the call came from.
    private static String place(RecordedEvent event) {
        String made = event.getClass("objectClass").getName();
        String by = "?";
        String from = "?";
        if (event.getStackTrace() != null) {
            for (RecordedFrame frame : event.getStackTrace().getFrames()) {
                String method =
                        frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
                if (by.equals("?")) {
                    by = method;
                }
                if (method.startsWith(OURS)) {
                    from = method;
                    break;
                }
            }
        }
        return made + " made by " + by + ", called from " + from;
    }
}
