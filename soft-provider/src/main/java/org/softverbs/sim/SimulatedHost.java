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
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevice;

/// A node of a [World]: a machine with its devices. It does something when a packet waits, when a
/// timer is due, and when the program of the test calls a verb; while it is paused it does nothing.
public final class SimulatedHost {

    private static final long NEVER = Long.MAX_VALUE;
    private static final long SUBNET = 0xffff_0a00_0000L;

    private final World world;
    private final int node;
    private final Place place;
    private long allocations;
    private long accesses;
    private final List<SimulatedLink> links = new ArrayList<>();
    private Host host;
    private DeviceOwner owner;
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
        this.host = newHost();
        this.owner = new DeviceOwner(ProgressMode.MANUAL, world.clock());
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

    /// Opens a device of user programs, on a port of its own.
    public SoftDevice openDevice() {
        SimulatedLink link = newLink();
        SoftDevice opened = SoftDevice.open(device(), host, link, owner, DeviceLimits.standard());
        world.opened(this, opened);
        return opened;
    }

    /// Opens a device of kernel code, on a port of its own.
    public SoftPrivilegedDevice openDevice(DmaSettings dma) {
        SimulatedLink link = newLink();
        SoftPrivilegedDevice opened =
                SoftPrivilegedDevice.openPrivileged(
                        device(), host, link, owner, DeviceLimits.standard(), attach(dma));
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

    private SimulatedLink newLink() {
        SimulatedLink link = world.network().join(this, freeAddress(1));
        links.add(link);
        return link;
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
        links.remove(link);
        if (links.isEmpty()) {
            // The owner ends with its last device.
            owner = new DeviceOwner(ProgressMode.MANUAL, world.clock());
        }
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
        if (!links.isEmpty()) {
            interruptions++;
            links.getFirst().changeAddress(freeAddress(port));
            packetWaits();
        }
    }

    /// Takes its devices out: nothing passes any more, and they tell of it. Once all that was made
    /// of them is closed they can be opened again.
    public void removeDevices() {
        interruptions++;
        links.forEach(SimulatedLink::remove);
        packetWaits();
    }

    /// The address of its first port.
    public GlobalIdentifier portAddress() {
        return links.getFirst().address();
    }

    boolean isPortUp() {
        return world.clock().nanoTime() >= downUntil;
    }

    /// Loses power: nobody is told anything. Its memory, devices and addresses are gone; it comes
    /// back after a while, with nothing open.
    public void restart(long nanos) {
        List.copyOf(links).forEach(SimulatedLink::close);
        starts++;
        host = newHost();
        owner = new DeviceOwner(ProgressMode.MANUAL, world.clock());
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
        long next = Math.min(wakeNanos, owner.nextDeadline());
        if (owner.hasMoreToSend()) {
            next = Math.min(next, roomNanos());
        }
        return next == NEVER ? NEVER : Math.max(next, pausedUntil);
    }

    private long roomNanos() {
        long earliest = NEVER;
        for (SimulatedLink link : links) {
            earliest = Math.min(earliest, link.roomNanos());
        }
        return earliest;
    }

    /// Goes on once.
    void progress() {
        activity++;
        if (wakeNanos > world.clock().nanoTime()) {
            world.trace().add(TraceKind.TIMER, node, 0, 0, "timer");
        }
        wakeNanos = NEVER;
        owner.progress();
    }
}
