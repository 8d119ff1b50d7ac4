package org.softverbs.junit;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.DrawnPlan;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.FaultPlan;
import org.softverbs.sim.ListedPlan;
import org.softverbs.sim.PathSettings;
import org.softverbs.sim.Place;
import org.softverbs.sim.SimulatedHost;
import org.softverbs.sim.World;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.trace.Ladder;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// A fabric in a [World].
final class VirtualFabric implements FabricDriver {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /// Faults that are listed, and faults that are drawn.
    private record BothPlans(FaultPlan listed, FaultPlan drawn) implements FaultPlan {

        @Override
        public boolean has(FaultKind kind) {
            return listed.has(kind) || drawn.has(kind);
        }

        @Override
        public long decide(
                FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode) {
            // Both are asked, for both count.
            long first = listed.decide(kind, place, occasion, opcode);
            long second = drawn.decide(kind, place, occasion, opcode);
            return first == NOTHING ? second : first;
        }
    }

    private final World world;
    private final List<SoftDevice> devices = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();

    VirtualFabric(FabricSettings settings) {
        world =
                new World(
                        settings.seed(),
                        new BothPlans(
                                new ListedPlan(settings.faults()),
                                new DrawnPlan(settings.seed(), settings.rates())),
                        true);
        PathSettings standard = PathSettings.standard();
        world.network()
                .standard(
                        new PathSettings(
                                settings.latency(),
                                Duration.ZERO,
                                standard.bitsPerSecond(),
                                settings.mtu()));
        for (int i = 0; i < settings.nodes(); i++) {
            SimulatedHost host = world.addHost();
            host.profile(settings.profile());
            if (settings.sanitizer()) {
                host.host().sanitize();
            }
            hosts.add(host.host());
            devices.add(
                    settings.privileged()
                            ? host.openDevice(DmaSettings.of(settings.addressing()))
                            : host.openDevice());
        }
    }

    World world() {
        return world;
    }

    @Override
    public Clock clock() {
        return world.clock();
    }

    @Override
    public List<SoftDevice> devices() {
        return devices;
    }

    @Override
    public List<Host> hosts() {
        return hosts;
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean isThere(int node) {
        return world.host(node).host() == hosts.get(node - 1);
    }

    @Override
    public Duration patience() {
        return PATIENCE;
    }

    @Override
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        return world.runUntil(condition, limit);
    }

    @Override
    public String history() {
        List<TraceRecord> all = world.trace().records();
        if (all.isEmpty()) {
            return "";
        }
        int from = Math.max(0, all.size() - FabricNodes.LADDER_LINES);
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        if (from > 0) {
            out.println("(" + from + " lines before these)");
        }
        new Ladder(out, devices.size()).print(all.subList(from, all.size()));
        out.flush();
        return text.toString();
    }

    @Override
    public void completed(int node, long id, String text) {
        world.trace().add(TraceKind.COMPLETED, node, id, 0, text);
    }

    @Override
    public void close() {
        // A world has no threads and no sockets.
    }
}
