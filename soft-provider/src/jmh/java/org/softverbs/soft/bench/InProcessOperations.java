package org.softverbs.soft.bench;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletionStatus;

/// One operation from post to completion between two nodes in this JVM, driven by the thread that
/// posts: what verbs and engines cost without a network. [#copy] is the limit, the bytes alone.
///
/// Run with `-prof gc`: nothing is allocated per operation.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"
        })
public class InProcessOperations {

    private static final int MEMORY = 1 << 20;

    /// Bytes of a message.
    @Param({"64", "65536", "1048576"})
    int length;

    private final Host host =
            new Host(System::nanoTime, RandomSource.seeded(new SplittableRandom(1)));
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, host.clock());
    private final InProcessNetwork network = new InProcessNetwork(9000);
    private final TestNode left = new TestNode(open(1), MEMORY);
    private final TestNode right = new TestNode(open(2), MEMORY);
    private final MemorySegment from = left.region.segment();
    private final MemorySegment to = right.region.segment();
    private final SendCursor sends = left.queuePair.sendCursor();
    private final ReceiveCursor receives = right.queuePair.receiveCursor();
    private final CompletionCursor sent = left.sends.cursor();
    private final CompletionCursor received = right.receives.cursor();

    private SoftDevice open(int number) {
        return SoftDevice.open(
                new RdmaDevice("bench" + number, number, "in-process"),
                host,
                network.join(new GlobalIdentifier(0, 0xffff_0a00_0000L | number)),
                owner,
                DeviceLimits.standard());
    }

    /// Connects the two.
    @Setup
    public void connect() {
        TestNode.connect(left, right, Mtu.MTU_4096);
    }

    /// The bytes alone.
    @Benchmark
    public void copy() {
        MemorySegment.copy(from, 0, to, 0, length);
    }

    /// SEND with its receive, both completions taken.
    @Benchmark
    public void send() {
        receives.receive(2).element(right.region.address(), MEMORY, right.region.localKey()).post();
        sends.send(1)
                .element(left.region.address(), length, left.region.localKey())
                .signaled()
                .post();
        take(sent);
        take(received);
    }

    /// RDMA WRITE.
    @Benchmark
    public void write() {
        sends.rdmaWrite(1, right.region.address(), right.region.remoteKey())
                .element(left.region.address(), length, left.region.localKey())
                .signaled()
                .post();
        take(sent);
    }

    /// RDMA READ.
    @Benchmark
    public void read() {
        sends.rdmaRead(1, right.region.address(), right.region.remoteKey())
                .element(left.region.address(), length, left.region.localKey())
                .signaled()
                .post();
        take(sent);
    }

    private void take(CompletionCursor completions) {
        while (!completions.next()) {
            owner.progress();
        }
        if (completions.status() != WorkCompletionStatus.SUCCESS) {
            throw new IllegalStateException(completions.toWorkCompletion().toString());
        }
    }
}
