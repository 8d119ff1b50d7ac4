package org.softverbs.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.softverbs.sim.ListedPlan;
import org.softverbs.sim.World;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftPrivilegedDevice;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.RdmaDevice;

/// What a test works with: two machines, each with a device of one kind, and the network between
/// them. What is made of it is closed at the end of the test.
///
/// By the virtual clock all is done by the test's thread, inside the calls that wait; by the real
/// one the devices have a thread.
public final class Rig {

    /// What ends without any other cause has ended by then.
    private static final Duration REST = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long SEED = 5;
    private static final int MTU = 9000;
    private static final long SUBNET = 0xffff_0a00_0000L;

    /// Makes devices go on.
    private sealed interface Time {

        void rest();

        void step();

        boolean runUntil(BooleanSupplier condition);

        void close();
    }

    private record VirtualTime(World world) implements Time {

        @Override
        public void rest() {
            world.run(REST);
        }

        @Override
        public void step() {
            if (!world.step()) {
                throw new AssertionError("nothing is to happen any more");
            }
        }

        @Override
        public boolean runUntil(BooleanSupplier condition) {
            return world.runUntil(condition, REST);
        }

        @Override
        public void close() {
            // A world has no threads.
        }
    }

    private record RealTime(DeviceOwner owner) implements Time {

        @Override
        public void rest() {
            throw new IllegalStateException("by the real clock a test awaits what it wants");
        }

        @Override
        public void step() {
            rest();
        }

        @Override
        public boolean runUntil(BooleanSupplier condition) {
            long start = System.nanoTime();
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    return condition.getAsBoolean();
                }
                Thread.onSpinWait();
            }
            return true;
        }

        @Override
        public void close() {
            owner.close();
        }
    }

    private final DeviceKind kind;
    private final Time time;
    private final List<Node> nodes = new ArrayList<>();

    private Rig(DeviceKind kind, Time time) {
        this.kind = kind;
        this.time = time;
    }

    static Rig ofVirtualClock(DeviceKind kind) {
        World world = new World(SEED, new ListedPlan(List.of()));
        Rig rig = new Rig(kind, new VirtualTime(world));
        for (int i = 0; i < 2; i++) {
            rig.nodes.add(new Node(rig, kind, world.addHost().openDevice(kind.settings())));
        }
        return rig;
    }

    /// @param limits what each device holds
    static Rig ofRealClock(DeviceKind kind, DeviceLimits limits) {
        DeviceOwner owner = new DeviceOwner(ProgressMode.LOOP, System::nanoTime);
        InProcessNetwork network = new InProcessNetwork(MTU);
        Rig rig = new Rig(kind, new RealTime(owner));
        for (int i = 1; i <= 2; i++) {
            GlobalIdentifier address = new GlobalIdentifier(0, SUBNET | i);
            Host host =
                    new Host(System::nanoTime, RandomSource.seeded(new SplittableRandom(SEED + i)));
            rig.nodes.add(
                    new Node(
                            rig,
                            kind,
                            SoftPrivilegedDevice.openPrivileged(
                                    new RdmaDevice("node" + i, i, "in-process"),
                                    host,
                                    owner.call(() -> network.join(address)),
                                    owner,
                                    limits,
                                    DmaAttachment.of(kind.settings(), host))));
        }
        return rig;
    }

    /// What both devices are.
    public DeviceKind kind() {
        return kind;
    }

    /// The machine whose requests a test looks at.
    public Node left() {
        return nodes.getFirst();
    }

    /// Its peer.
    public Node right() {
        return nodes.getLast();
    }

    /// Connected queue pairs of the two machines.
    public Pair connect() {
        return connect(Setup.standard());
    }

    /// Connected queue pairs of the two machines.
    public Pair connect(Setup setup) {
        Pair pair = new Pair(left().end(setup), right().end(setup));
        pair.connect();
        return pair;
    }

    /// Lets all go on until nothing is to happen any more.
    public void rest() {
        time.rest();
    }

    /// Lets the next thing happen, by the virtual clock.
    public void step() {
        time.step();
    }

    /// Lets all go on until something holds.
    ///
    /// @throws AssertionError when it does not come to hold
    public void await(String what, BooleanSupplier condition) {
        if (!time.runUntil(condition)) {
            throw new AssertionError("waited in vain for " + what);
        }
    }

    /// Closes all.
    ///
    /// @return what was wrong with it
    List<String> finish() {
        List<String> wrong = new ArrayList<>();
        nodes.forEach(node -> wrong.addAll(node.finish()));
        time.close();
        return wrong;
    }
}
