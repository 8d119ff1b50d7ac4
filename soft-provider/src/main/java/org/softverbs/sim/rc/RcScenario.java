package org.softverbs.sim.rc;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.Phases;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.Workload;
import org.softverbs.sim.World;

/// A scenario over reliable connections.
public final class RcScenario implements Scenario {

    private static final Set<FaultKind> NETWORK =
            EnumSet.of(
                    FaultKind.LOSS,
                    FaultKind.BURST,
                    FaultKind.DUPLICATE,
                    FaultKind.REORDER,
                    FaultKind.DELAY,
                    FaultKind.CORRUPT,
                    FaultKind.MTU_CHANGE,
                    FaultKind.PARTITION,
                    FaultKind.PAUSE,
                    FaultKind.RECEIVE_STARVATION,
                    FaultKind.POLL_STARVATION,
                    FaultKind.PORT_DOWN,
                    FaultKind.GHOST_ACKNOWLEDGE);
    private static final Set<FaultKind> PROGRAMS =
            EnumSet.of(
                    FaultKind.LOSS,
                    FaultKind.DUPLICATE,
                    FaultKind.REORDER,
                    FaultKind.DELAY,
                    FaultKind.RECEIVE_STARVATION,
                    FaultKind.POLL_STARVATION,
                    FaultKind.DEREGISTER,
                    FaultKind.QUEUE_PAIR_ERROR,
                    FaultKind.QUEUE_PAIR_DESTROY,
                    FaultKind.RESTART,
                    FaultKind.ALLOCATION_FAILURE,
                    FaultKind.CQ_OVERFLOW,
                    FaultKind.GID_CHANGE,
                    FaultKind.DEVICE_REMOVAL);
    private static final Set<FaultKind> KEYS =
            EnumSet.of(
                    FaultKind.LOSS,
                    FaultKind.DUPLICATE,
                    FaultKind.REORDER,
                    FaultKind.DELAY,
                    FaultKind.PAUSE,
                    FaultKind.RECEIVE_STARVATION,
                    FaultKind.POLL_STARVATION,
                    FaultKind.QUEUE_PAIR_ERROR,
                    FaultKind.QUEUE_PAIR_DESTROY,
                    FaultKind.RESTART,
                    FaultKind.ALLOCATION_FAILURE,
                    FaultKind.DEVICE_REMOVAL,
                    FaultKind.INVALIDATE);
    private static final Set<FaultKind> HOSTILE =
            EnumSet.of(FaultKind.LOSS, FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.FORGE);

    private final String description;
    private final int standardNodes;
    private final RcProfile profile;

    private RcScenario(String description, int standardNodes, RcProfile profile) {
        this.description = description;
        this.standardNodes = standardNodes;
        this.profile = profile;
    }

    /// All of them.
    public static List<Scenario> all() {
        return List.of(
                new RcScenario(
                        "all operations over a network that does harm",
                        2,
                        new RcProfile("rc", NETWORK, 0, 1, false)),
                new RcScenario(
                        "no faults at all: no error may come of it",
                        2,
                        new RcProfile("rc-clean", EnumSet.noneOf(FaultKind.class), 0, 2, false)),
                new RcScenario(
                        "atomics from several queue pairs",
                        3,
                        new RcProfile("rc-atomics", NETWORK, 0, 1, true)),
                new RcScenario(
                        "wrong requests: keys, ranges, rights, lengths",
                        2,
                        new RcProfile("rc-errors", NETWORK, 12, 2, false)),
                new RcScenario(
                        "regions, queue pairs and nodes that go while they are used",
                        3,
                        new RcProfile("rc-teardown", PROGRAMS, 40, 1, false)),
                new RcScenario(
                        "windows and fast registrations, ended by either side while they are used",
                        2,
                        new RcProfile("rc-keys", KEYS, 60, 1, false)),
                new RcScenario(
                        "forged packets with a right ICRC: nothing outside of regions is touched",
                        2,
                        new RcProfile("rc-hostile", HOSTILE, 20, 1, false)));
    }

    @Override
    public String name() {
        return profile.name();
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Set<FaultKind> faults() {
        return profile.faults();
    }

    @Override
    public int standardNodes() {
        return standardNodes;
    }

    @Override
    public void run(World world, int nodes) {
        Phases.run(world, List.of(workload(world, profile, nodes)));
    }

    private static Workload workload(World world, RcProfile profile, int nodes) {
        return new RcWorkload(world, profile, nodes);
    }

    /// All that a network and programs do to each other, for a scenario that has more than this.
    public static Workload mixed(World world, int nodes) {
        return workload(world, new RcProfile("mixed", mixedFaults(), 60, 1, false), nodes);
    }

    /// What may go wrong in [#mixed].
    public static Set<FaultKind> mixedFaults() {
        EnumSet<FaultKind> all = EnumSet.copyOf(NETWORK);
        all.addAll(PROGRAMS);
        return all;
    }
}
