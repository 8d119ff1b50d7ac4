package org.softverbs.junit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.sim.FaultKind;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.SoftPrivilegedDevice;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.link.FaultLink;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.RdmaDevice;

/// A fabric on the network inside this JVM. The devices share an owner, and its thread.
final class RealFabric implements FabricDriver {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_NANOS = 20_000;
    private static final long SUBNET = 0xffff_0a00_0000L;
    private static final List<FaultKind> KNOWN =
            List.of(
                    FaultKind.LOSS,
                    FaultKind.DUPLICATE,
                    FaultKind.REORDER,
                    FaultKind.CORRUPT,
                    FaultKind.DELAY);

    private final FabricSettings settings;
    private final Clock clock = System::nanoTime;
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.LOOP, clock);
    private final InProcessNetwork network;
    private final List<SoftDevice> devices = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();

    RealFabric(FabricSettings settings) {
        this.settings = settings;
        this.network = new InProcessNetwork(settings.mtu());
        FaultPlan plan = plan(settings.rates());
        for (int node = 1; node <= settings.nodes(); node++) {
            Host host =
                    new Host(
                            clock,
                            RandomSource.seeded(new SplittableRandom(settings.seed() + node)));
            if (settings.sanitizer()) {
                host.sanitize();
            }
            hosts.add(host);
            int number = node;
            PacketLink link = owner.call(() -> join(number, plan));
            devices.add(open(number, host, link));
        }
    }

    private static FaultPlan plan(Map<FaultKind, Double> rates) {
        for (FaultKind kind : rates.keySet()) {
            if (!KNOWN.contains(kind)) {
                throw FabricSettings.wrong("rates: " + kind + " needs clock = VIRTUAL");
            }
        }
        return new FaultPlan(
                rates.getOrDefault(FaultKind.LOSS, 0.0),
                rates.getOrDefault(FaultKind.DUPLICATE, 0.0),
                rates.getOrDefault(FaultKind.REORDER, 0.0),
                rates.getOrDefault(FaultKind.CORRUPT, 0.0),
                rates.getOrDefault(FaultKind.DELAY, 0.0));
    }

    private PacketLink join(int node, FaultPlan plan) {
        PacketLink link = network.join(new GlobalIdentifier(0, SUBNET | node));
        return plan.equals(FaultPlan.NONE)
                ? link
                : new FaultLink(link, plan, settings.seed() + node, clock);
    }

    private SoftDevice open(int node, Host host, PacketLink link) {
        RdmaDevice device = new RdmaDevice("node" + node, node, "in-process");
        return settings.privileged()
                ? SoftPrivilegedDevice.openPrivileged(
                        device,
                        host,
                        link,
                        owner,
                        DeviceLimits.standard(),
                        settings.profile(),
                        DmaAttachment.of(DmaSettings.of(settings.addressing()), host))
                : SoftDevice.open(
                        device,
                        host,
                        link,
                        owner,
                        DeviceLimits.standard(),
                        settings.profile(),
                        DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
    }

    @Override
    public Clock clock() {
        return clock;
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
    public boolean isThere(int node) {
        return true;
    }

    @Override
    public Duration patience() {
        return PATIENCE;
    }

    @Override
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        long start = clock.nanoTime();
        while (!condition.getAsBoolean()) {
            if (clock.nanoTime() - start >= limit.toNanos()) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    @Override
    public String history() {
        return "";
    }

    @Override
    public void completed(int node, long id, String text) {
        // Nobody keeps what happens here.
    }

    @Override
    public void close() {
        owner.close();
    }
}
