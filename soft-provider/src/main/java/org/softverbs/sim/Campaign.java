package org.softverbs.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Many seeds in many scenarios, on several threads: each run has a world, a thread and a random
/// source of its own, so that what comes out does not depend on who ran when.
public final class Campaign {

    /// A run that broke an invariant.
    ///
    /// @param scenario what was run
    /// @param result how it went
    public record Failure(Scenario scenario, Simulation.Result result) {}

    /// What a campaign, or the part of it that was run, came to.
    ///
    /// @param runs seeds over all scenarios
    /// @param violations runs that broke an invariant
    /// @param events lines of all traces
    /// @param virtualNanos how long the worlds took by their own clocks
    /// @param traceHash hash of all traces; the order of runs does not count
    /// @param faults how often each kind was done
    /// @param failure the failed run of the lowest number
    public record Summary(
            long runs,
            long violations,
            long events,
            long virtualNanos,
            long traceHash,
            Map<FaultKind, Long> faults,
            Optional<Failure> failure) {}

    private static final long NOTHING = -1;
    private static final long GIVEN_UP = -2;
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    /// How long the clock of a world may stand by the clock on the wall. How many steps it may
    /// stand a [World] bounds itself.
    private static final Duration LONGEST_STEP = Duration.ofMinutes(1);

    private final List<Scenario> scenarios;
    private final long firstSeed;
    private final long seeds;
    private final int nodes;
    private final AtomicLong next = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Map<FaultKind, Long> faults = new EnumMap<>(FaultKind.class);
    private long runs;
    private long violations;
    private long events;
    private long virtualNanos;
    private long traceHash;
    private long failureNumber = Long.MAX_VALUE;
    private @Nullable Failure failure;

    /// @param scenarios what is run
    /// @param firstSeed the first seed
    /// @param seeds how many
    /// @param nodes nodes of each world; 0 for as many as the scenario wants
    public Campaign(List<Scenario> scenarios, long firstSeed, long seeds, int nodes) {
        this.scenarios = List.copyOf(scenarios);
        this.firstSeed = firstSeed;
        this.seeds = seeds;
        this.nodes = nodes;
    }

    /// Runs all seeds, or up to a failure; returns when all threads are done. A run that does not
    /// end is a failure, too; its thread is left behind.
    public void run(int threads) throws InterruptedException {
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker());
        }
        List<Thread> running =
                workers.stream().map(Thread.ofPlatform().daemon().name("sim-", 0)::start).toList();
        while (isAtWork(workers, running)) {
            for (Thread thread : running) {
                if (thread.isAlive()) {
                    thread.join(LOOK_EVERY);
                    break;
                }
            }
        }
        for (int i = 0; i < threads; i++) {
            if (!running.get(i).isAlive()) {
                workers.get(i).giveUp("its thread ended");
            }
        }
    }

    /// Looks at each worker that has not ended; one that is stuck counts as ended.
    private static boolean isAtWork(List<Worker> workers, List<Thread> running) {
        boolean working = false;
        for (int i = 0; i < workers.size(); i++) {
            working |= running.get(i).isAlive() && !workers.get(i).isStuck();
        }
        return working;
    }

    /// Takes one run after the other.
    private final class Worker implements Runnable {

        private final AtomicLong number = new AtomicLong(NOTHING);
        private final Simulation simulation = new Simulation();
        private final Patience patience = new Patience(LONGEST_STEP.dividedBy(LOOK_EVERY));

        @Override
        public void run() {
            long total = seeds * scenarios.size();
            while (!stopped.get()) {
                long mine = next.getAndIncrement();
                if (mine >= total) {
                    return;
                }
                number.set(mine);
                Scenario scenario = scenarioOf(mine);
                Simulation.Result result =
                        simulation.run(scenario, seedOf(mine), nodesOf(scenario), false);
                if (!number.compareAndSet(mine, NOTHING)) {
                    return;
                }
                add(mine, result);
            }
        }

        /// Whether its run does not come to an end; says so in the summary. For the one who looks,
        /// each time it has waited for [#LOOK_EVERY].
        boolean isStuck() {
            long mine = number.get();
            if (mine >= 0 && patience.isOver(mine, simulation.virtualNanos())) {
                giveUp("a step does not end; waited for " + LONGEST_STEP.toSeconds() + " s");
            }
            return number.get() == GIVEN_UP;
        }

        /// Its run, if it has one, is a failure, and what it gives later does not count.
        void giveUp(String why) {
            long mine = number.get();
            if (mine >= 0 && number.compareAndSet(mine, GIVEN_UP)) {
                add(mine, Simulation.Result.givenUp(seedOf(mine), why));
            }
        }
    }

    private Scenario scenarioOf(long number) {
        return scenarios.get((int) (number % scenarios.size()));
    }

    private long seedOf(long number) {
        return firstSeed + number / scenarios.size();
    }

    private int nodesOf(Scenario scenario) {
        return nodes == 0 ? scenario.standardNodes() : nodes;
    }

    private synchronized void add(long number, Simulation.Result result) {
        runs++;
        events += result.events();
        virtualNanos += result.virtualNanos();
        // A sum: runs come in any order.
        traceHash += StableHash.mix(result.traceHash() + number);
        result.faults().forEach((kind, count) -> faults.merge(kind, count, Long::sum));
        if (result.violation() != null) {
            violations++;
            stopped.set(true);
            if (number < failureNumber) {
                failureNumber = number;
                failure = new Failure(scenarioOf(number), result);
            }
        }
    }

    /// What came out so far; any thread.
    public synchronized Summary summary() {
        return new Summary(
                runs,
                violations,
                events,
                virtualNanos,
                traceHash,
                Collections.unmodifiableMap(new EnumMap<>(faults)),
                Optional.ofNullable(failure));
    }
}
