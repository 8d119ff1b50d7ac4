package org.softverbs.sim;

import static org.softverbs.sim.InvariantViolation.require;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.script.EngineScripts;

/// A fabric in one thread: nodes, a network and a clock, all from one seed. Each step goes to the
/// earliest thing that is to happen, lets it happen, and the clock jumps there.
///
/// For one thread. The same seed, plan and calls give the same trace in every JVM.
public final class World {

    /// Something that a program wants done at its time.
    private static final class Action extends SimEvent {

        private final Runnable what;

        Action(Runnable what) {
            this.what = what;
        }

        @Override
        void happen() {
            what.run();
        }
    }

    /// Steps at one instant after which a world stands still.
    private static final int MOST_STEPS_AT_ONCE = 1_000_000;

    private final long seed;
    private final VirtualClock clock = new VirtualClock();
    private final Faults faults;
    private final Trace trace;
    private final SimulatedNetwork network;
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final PriorityQueue<SimEvent> events = new PriorityQueue<>();
    private @Nullable EngineScripts scripts;
    private long scheduled;
    private int stepsAtOnce;

    /// A world whose trace is a hash only.
    public World(long seed, FaultPlan plan) {
        this(seed, plan, false);
    }

    /// @param seed of all that is random in it
    /// @param plan what goes wrong
    /// @param keepTrace whether to keep the trace line by line
    public World(long seed, FaultPlan plan, boolean keepTrace) {
        this(seed, plan, keepTrace, new WirePacket.Pool());
    }

    World(long seed, FaultPlan plan, boolean keepTrace, WirePacket.Pool pool) {
        this.seed = seed;
        this.faults = new Faults(plan);
        this.trace = new Trace(clock, keepTrace);
        this.network = new SimulatedNetwork(this, pool);
    }

    public long seed() {
        return seed;
    }

    /// Has a packet script written of each queue pair of devices that are opened from now on.
    ///
    /// @return the scripts
    public EngineScripts writeScripts() {
        EngineScripts written = new EngineScripts();
        scripts = written;
        return written;
    }

    /// Has a device of a node watched, if scripts are written.
    void opened(SimulatedHost host, SoftDevice device) {
        if (scripts != null) {
            device.observe(scripts.watch(host.name(), clock));
        }
    }

    public VirtualClock clock() {
        return clock;
    }

    public Faults faults() {
        return faults;
    }

    public Trace trace() {
        return trace;
    }

    public SimulatedNetwork network() {
        return network;
    }

    /// Its nodes, in order.
    public List<SimulatedHost> hosts() {
        return Collections.unmodifiableList(hosts);
    }

    /// The node of a number, from 1.
    public SimulatedHost host(int node) {
        return hosts.get(node - 1);
    }

    /// Adds a node.
    public SimulatedHost addHost() {
        SimulatedHost host = new SimulatedHost(this, hosts.size() + 1);
        hosts.add(host);
        return host;
    }

    /// Random numbers of their own for one use: what others draw does not move them.
    public SplittableRandom newRandom(String use) {
        long hash = seed;
        for (int i = 0; i < use.length(); i++) {
            hash = StableHash.add(hash, use.charAt(i));
        }
        return new SplittableRandom(StableHash.mix(hash));
    }

    /// Has something done at a time from now.
    public void after(Duration delay, Runnable action) {
        schedule(new Action(action), clock.nanoTime() + delay.toNanos());
    }

    void schedule(SimEvent event, long dueNanos) {
        event.dueNanos = dueNanos;
        event.order = scheduled++;
        events.add(event);
    }

    /// From now on nothing goes wrong: paused nodes go on, parted ones are joined.
    public void heal() {
        faults.heal();
        network.heal();
        hosts.forEach(SimulatedHost::heal);
    }

    /// Lets the next thing happen.
    ///
    /// @return false when there is nothing to happen any more
    /// @throws InvariantViolation when the clock does not move however many steps are taken
    public boolean step() {
        return step(Long.MAX_VALUE);
    }

    /// @return false when nothing is to happen before a time; the clock stands where it stood
    private boolean step(long limitNanos) {
        SimEvent event = events.peek();
        long earliest = event == null ? Long.MAX_VALUE : event.dueNanos;
        SimulatedHost busy = null;
        for (int i = 0; i < hosts.size(); i++) {
            long next = hosts.get(i).nextNanos();
            if (next < earliest) {
                earliest = next;
                busy = hosts.get(i);
            }
        }
        if (earliest == Long.MAX_VALUE || earliest > limitNanos) {
            return false;
        }
        stepsAtOnce = earliest > clock.nanoTime() ? 0 : stepsAtOnce + 1;
        require(
                stepsAtOnce < MOST_STEPS_AT_ONCE,
                "S1",
                () -> "the clock stands: " + MOST_STEPS_AT_ONCE + " steps at one instant");
        clock.advanceTo(earliest);
        if (busy != null) {
            busy.progress();
        } else {
            events.remove().happen();
        }
        return true;
    }

    /// Goes on until nothing is to happen, or for so long.
    public void run(Duration duration) {
        runUntil(() -> false, duration);
    }

    /// Goes on until something holds, or for so long. Looks before the first step and after each.
    ///
    /// @return whether it holds
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        long end = clock.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (!step(end)) {
                clock.advanceTo(end);
                return condition.getAsBoolean();
            }
        }
        return true;
    }
}
