package org.softverbs.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.SoftPrivilegedDevice;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevice;

/// A node of a [World]: a machine with its devices. It does something when a packet waits, when a
/// timer is due, and when the program of the test calls a verb; while it is paused it does nothing.
public final class SimulatedHost {

    /// A device's link, and who drives the device: one for each, so that it can be asked alone.
    private record Port(SimulatedLink link, DeviceOwner owner) {

        /// When the device has something to do but for packets that wait.
        long nextNanos() {
            long due = owner.nextDeadline();
            return owner.hasMoreToSend() ? Math.min(due, link.roomNanos()) : due;
        }
    }

    private static final long NEVER = Long.MAX_VALUE;
    private static final long SUBNET = 0xffff_0a00_0000L;

    private final World world;
    private final int node;
    private final Place place;
    private final PathSettings ways;
    private long allocations;
    private long accesses;
    private final List<Port> ports = new ArrayList<>();
    private Host host;
    private DeviceProfile profile = DeviceProfile.standard();
    private long moderationNanos;
    private long wakeNanos = NEVER;
    private long pausedUntil;
    private long partedUntil;
    private long downUntil;
    private int starts;
    private long interruptions;
    private long activity;

    SimulatedHost(World world, int node) {
        this.world = world;
        this.node = node;
        this.place = Place.node(node);
        this.ways = world.network().standard();
        this.host = newHost();
    }

    PathSettings ways() {
        return ways;
    }

    private Host newHost() {
        SplittableRandom random = world.newRandom("host " + node + " start " + starts);
        Host machine = new Host(world.clock(), RandomSource.seeded(random));
        machine.limitAllocations(any -> !happens(FaultKind.ALLOCATION_FAILURE, ++allocations));
        return machine;
    }

    private boolean happens(FaultKind kind, long occasion) {
        return world.faults().decide(kind, place, occasion) != FaultPlan.NOTHING;
    }

    /// Attaches a device to the machine's memory, where accesses may fail.
    public DmaAttachment attach(DmaSettings dma) {
        DmaAttachment sound = DmaAttachment.of(dma, host);
        return new DmaAttachment(
                sound.device(),
                (address, length, write, runs) ->
                        happens(FaultKind.IOMMU_FAULT, ++accesses)
                                ? AccessResult.NOT_MAPPED
                                : sound.memory().resolve(address, length, write, runs),
                sound.end());
    }

    /// Its number, from 1.
    public int node() {
        return node;
    }

    /// `n1` and so on.
    public String name() {
        return "n" + node;
    }

    /// The machine: memory, PCI, sanitizer. Another one after a restart.
    public Host host() {
        return host;
    }

    /// How long after the first packet the node looks at what came, as an adapter's interrupt
    /// moderation has it; 0 looks at each.
    public void moderation(long nanos) {
        moderationNanos = nanos;
    }

    /// What devices that are opened from now on do otherwise than others.
    public void profile(DeviceProfile value) {
        profile = value;
    }

    /// Opens a device of user programs, on a port of its own.
    public SoftDevice openDevice() {
        Port port = newPort();
        SoftDevice opened =
                SoftDevice.open(
                        device(),
                        host,
                        port.link(),
                        port.owner(),
                        DeviceLimits.standard(),
                        profile,
                        DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
        world.opened(this, opened);
        return opened;
    }

    /// Opens a device of kernel code, on a port of its own.
    public SoftPrivilegedDevice openDevice(DmaSettings dma) {
        Port port = newPort();
        SoftPrivilegedDevice opened =
                SoftPrivilegedDevice.openPrivileged(
                        device(),
                        host,
                        port.link(),
                        port.owner(),
                        DeviceLimits.standard(),
                        profile,
                        attach(dma));
        world.opened(this, opened);
        return opened;
    }

    /// Opens a device of kernel code that reaches memory by physical addresses.
    public PrivilegedContext openPrivilegedDevice() {
        return openDevice(DmaSettings.of(DmaAddressing.PHYSICAL));
    }

    /// The address of a node's n-th port, from 1: 10.0.node.port.
    public static GlobalIdentifier address(int node, int port) {
        return new GlobalIdentifier(0, SUBNET | (long) node << 8 | port);
    }

    private RdmaDevice device() {
        return new RdmaDevice("sim" + node, node, "simulated");
    }

    private Port newPort() {
        SimulatedLink link = world.network().join(this, freeAddress(1));
        Port port = new Port(link, new DeviceOwner(ProgressMode.MANUAL, world.clock()));
        ports.add(port);
        return port;
    }

    /// The address of the first port from one on that nobody has.
    private GlobalIdentifier freeAddress(int port) {
        int free = port;
        while (world.network().isTaken(address(node, free))) {
            free++;
        }
        return address(node, free);
    }

    /// A port of its was closed.
    void closed(SimulatedLink link) {
        ports.removeIf(port -> port.link() == link);
    }

    /// Whether it goes on now.
    public boolean isRunning() {
        return world.clock().nanoTime() >= pausedUntil;
    }

    /// Does nothing for a while: packets wait, timers are late.
    public void pause(long nanos) {
        interruptions++;
        pausedUntil = Math.max(pausedUntil, world.clock().nanoTime() + nanos);
    }

    /// Loses all that goes to it or comes from it for a while.
    public void part(long nanos) {
        interruptions++;
        partedUntil = Math.max(partedUntil, world.clock().nanoTime() + nanos);
    }

    /// Loses packets above half the MTU, in both directions, for a while.
    public void narrow(long nanos) {
        interruptions++;
        world.network().narrow(node, world.clock().nanoTime() + nanos);
    }

    /// Its ports are down for a while: nothing passes, and their devices tell of it, when they go
    /// down and when they are up again.
    public void portDown(long nanos) {
        interruptions++;
        downUntil = Math.max(downUntil, world.clock().nanoTime() + nanos);
        packetWaits();
        world.after(Duration.ofNanos(nanos), this::packetWaits);
    }

    /// Its first port has another address from now on; its device tells of it.
    ///
    /// @param port from where to look for an address that is free
    public void changeAddress(int port) {
        if (!ports.isEmpty()) {
            interruptions++;
            ports.getFirst().link().changeAddress(freeAddress(port));
            packetWaits();
        }
    }

    /// Takes its devices out: nothing passes any more, and they tell of it. Once all that was made
    /// of them is closed they can be opened again.
    public void removeDevices() {
        interruptions++;
        ports.forEach(port -> port.link().remove());
        packetWaits();
    }

    /// The address of its first port.
    public GlobalIdentifier portAddress() {
        return ports.getFirst().link().address();
    }

    boolean isPortUp() {
        return world.clock().nanoTime() >= downUntil;
    }

    /// Loses power: nobody is told anything. Its memory, devices and addresses are gone; it comes
    /// back after a while, with nothing open.
    public void restart(long nanos) {
        List.copyOf(ports).forEach(port -> port.link().close());
        starts++;
        host = newHost();
        wakeNanos = NEVER;
        pause(nanos);
    }

    /// How often it went on so far: while this stands still nothing new can have completed but by
    /// calls of the program itself.
    public long activity() {
        return activity;
    }

    /// How often something happened to it, as a whole, that loses or holds up packets.
    public long interruptions() {
        return interruptions;
    }

    long partedUntil() {
        return partedUntil;
    }

    void heal() {
        pausedUntil = 0;
        partedUntil = 0;
        if (downUntil > 0) {
            downUntil = 0;
            packetWaits();
        }
    }

    void packetWaits() {
        wakeNanos = Math.min(wakeNanos, world.clock().nanoTime() + moderationNanos);
    }

    /// When it has something to do.
    long nextNanos() {
        long next = wakeNanos;
        for (int i = 0; i < ports.size(); i++) {
            next = Math.min(next, ports.get(i).nextNanos());
        }
        return next == NEVER ? NEVER : Math.max(next, pausedUntil);
    }

    /// Goes on once.
    void progress() {
        activity++;
        if (wakeNanos > world.clock().nanoTime()) {
            world.trace().add(TraceKind.TIMER, node, 0, 0, "timer");
        }
        wakeNanos = NEVER;
        for (int i = 0; i < ports.size(); i++) {
            ports.get(i).owner().progress();
        }
    }
}
