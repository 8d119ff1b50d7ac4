package org.softverbs.ulp.perf;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.Mtu;

/// A test from the exchange of addresses to the goodbye, in the order of steps that perftest has
/// for each kind of test.
///
/// Belongs to the thread that runs the tool.
final class PerfRun {

    private final PerfSettings settings;
    private final PerfExchange exchange;
    private final PerfNode node;
    private final Mtu mtu;
    private final int cycleLength;
    private final int line;
    private final PerfReporter reporter;
    private final Progress progress;
    private final RunClock clock;
    private List<ArrivalCheck> checks = List.of();

    /// @param mtu path MTU on which the ends agreed
    /// @param cycleLength bytes that small messages take turns in, as agreed
    /// @param line bytes of a cache line, as agreed
    PerfRun(
            PerfSettings settings,
            PerfExchange exchange,
            PerfNode node,
            Mtu mtu,
            int cycleLength,
            int line,
            PerfReporter reporter,
            Progress progress) {
        this.settings = settings;
        this.exchange = exchange;
        this.node = node;
        this.mtu = mtu;
        this.cycleLength = cycleLength;
        this.line = line;
        this.reporter = reporter;
        this.progress = progress;
        this.clock = new RunClock(settings, progress);
    }

    void run() throws InterruptedException {
        connect();
        switch (settings.test()) {
            case SEND_BW -> sendBandwidth();
            case WRITE_BW, READ_BW, ATOMIC_BW -> requestBandwidth();
            case SEND_LAT -> pingpong(true);
            case WRITE_LAT -> pingpong(false);
            case READ_LAT, ATOMIC_LAT -> requestLatency();
        }
        reportChecks();
        if (settings.usesContexts()) {
            reporter.strategies(node.physical());
        }
    }

    private void connect() throws InterruptedException {
        if (node.isManaged()) {
            exchange.barrier();
            node.makeManaged(mtu);
            exchange.barrier();
        }
        List<KeyRecord> peers = exchangeKeys();
        node.connect(peers, mtu);
        node.fillPatterns();
        if (settings.check()) {
            checks = node.checks();
        }
        if (settings.test() == PerfTest.SEND_BW) {
            barrier();
            exchangeKeys();
        } else {
            exchangeKeys();
            barrier();
        }
        reporter.lanes(node.keys(), peers);
        reporter.columns();
    }

    private List<KeyRecord> exchangeKeys() {
        List<KeyRecord> peers = new ArrayList<>();
        for (KeyRecord key : node.keys()) {
            peers.add(exchange.handShake(key));
        }
        return peers;
    }

    private void barrier() {
        exchange.handShake(node.keys().getFirst());
    }

    private void sendBandwidth() {
        BandwidthSender sender = new BandwidthSender(settings, node, clock, null);
        MessageReceiver receiver = new MessageReceiver(settings, node, optionalChecks());
        for (int size : settings.sizes()) {
            shape(size);
            if (!settings.isClient()) {
                receiver.prepare();
            }
            barrier();
            BandwidthReport report =
                    settings.isClient() ? sender.run(size) : receiver.run(size, clock);
            progress.end();
            reporter.bandwidth(report);
            if (settings.all()) {
                barrier();
            }
        }
        exchange.done(node.keys().getFirst());
    }

    private void requestBandwidth() {
        BandwidthReport last = BandwidthReport.none();
        if (settings.isClient()) {
            BandwidthSender sender = new BandwidthSender(settings, node, clock, optionalChecks());
            for (int size : settings.sizes()) {
                shape(size);
                last = sender.run(size);
                progress.end();
                reporter.bandwidth(last);
            }
        } else {
            shape(settings.largestSize());
        }
        barrier();
        BandwidthReport theirs = exchange.reports(last);
        if (!settings.isClient()) {
            reporter.bandwidth(theirs);
            inspectWritten(theirs);
        }
        exchange.done(node.keys().getFirst());
    }

    /// What WRITEs of one of our clients left behind.
    private void inspectWritten(BandwidthReport report) {
        if (settings.test() != PerfTest.WRITE_BW || settings.all()) {
            return;
        }
        for (int i = 0; i < checks.size(); i++) {
            PerfLane lane = node.lanes().get(i);
            if (lane.peer().isOurs()) {
                long messages = report.iterations() / checks.size();
                long places = Math.min(messages, lane.cycle().slots());
                for (long place = 0; place < places; place++) {
                    checks.get(i).received(place);
                }
            }
        }
    }

    private void pingpong(boolean bySend) {
        MessageReceiver receiver =
                new MessageReceiver(settings, node, bySend ? optionalChecks() : null);
        LatencyRun latency = newLatencyRun(receiver);
        if (!bySend) {
            barrier();
        }
        for (int size : settings.sizes()) {
            shape(size);
            if (bySend) {
                receiver.prepare();
                barrier();
            }
            LatencySamples.Figures figures = latency.run(size);
            progress.end();
            reporter.latency(figures);
        }
        if (bySend) {
            exchange.done(node.keys().getFirst());
        } else {
            exchange.awaitEnd();
        }
        if (latency.isLastUnconfirmed()) {
            reporter.fact("lastUnconfirmed", true);
            reporter.line(" The peer left before it acknowledged the last message.");
        }
    }

    private void requestLatency() {
        barrier();
        if (settings.isClient()) {
            LatencyRun latency =
                    newLatencyRun(new MessageReceiver(settings, node, optionalChecks()));
            for (int size : settings.sizes()) {
                shape(size);
                LatencySamples.Figures figures = latency.run(size);
                progress.end();
                reporter.latency(figures);
            }
        }
        exchange.done(node.keys().getFirst());
    }

    private LatencyRun newLatencyRun(MessageReceiver receiver) {
        return new LatencyRun(
                settings, node, clock, receiver, checks.isEmpty() ? null : checks.getFirst());
    }

    private @Nullable List<ArrivalCheck> optionalChecks() {
        return checks.isEmpty() ? null : checks;
    }

    /// Small messages take turns in bandwidth tests only.
    private void shape(int size) {
        BufferCycle cycle =
                settings.test().isLatency()
                        ? BufferCycle.fixed()
                        : BufferCycle.of(size + settings.prefix(), cycleLength, line);
        node.lanes().forEach(lane -> lane.shape(size, cycle));
        checks.forEach(ArrivalCheck::restart);
        progress.begin(settings.test().title() + " of " + size + " bytes");
    }

    private void reportChecks() {
        if (!settings.check()) {
            return;
        }
        long bytes = checks.stream().mapToLong(ArrivalCheck::checkedBytes).sum();
        reporter.fact("checkedBytes", bytes);
        reporter.line(
                bytes > 0
                        ? " " + bytes + " bytes that arrived were checked and are right."
                        : " Nothing arrived here that could be checked.");
    }
}
