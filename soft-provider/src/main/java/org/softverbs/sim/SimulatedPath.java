package org.softverbs.sim;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.GlobalIdentifier;

/// The way from one link to another: how long packets take, and what befalls them.
final class SimulatedPath {

    private static final int PORT = 4791;
    private static final int IP_AND_UDP = 20 + 8;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MICRO = 1000;

    /// How much a link may have to send before it takes no more.
    private static final long BACKLOG_NANOS = 200_000;

    /// In a burst one packet in so many gets through.
    private static final int BURST_SURVIVORS = 20;

    /// Bytes of a packet in which a forger turns bits: transport headers and a little data.
    private static final int FORGED = 40;

    private final SimulatedNetwork network;
    private final SimulatedLink sender;
    private final SimulatedLink receiver;
    private final Path way;
    private final Place place;
    private final String addresses;
    private final Icrc icrc;
    private final PathSettings settings;
    private final RandomGenerator jitter;
    private final Faults faults;
    private final SimulatedNetwork.PathState state;
    private long departNanos;
    private long latestArrival;
    /// What was decided about the packet that is carried now.
    private long loss;
    private long burst;
    private long corrupt;
    private long forge;
    private long reorder;
    private long delay;
    private long duplicate;
    private long ghost;

    /// @param destination the receiver's address, or a group that it is in
    SimulatedPath(
            SimulatedNetwork network,
            SimulatedLink sender,
            SimulatedLink receiver,
            GlobalIdentifier destination,
            PathSettings settings) {
        this.network = network;
        this.sender = sender;
        this.receiver = receiver;
        this.settings = settings;
        this.faults = network.world().faults();
        this.place = Place.path(sender.node(), receiver.node());
        this.way = new Path(sender.address(), destination, PORT, 0, 0);
        this.addresses = WireAddresses.tell(place, way);
        this.icrc =
                new Icrc(
                        sender.address().toInetAddress().getAddress(),
                        destination.toInetAddress().getAddress());
        this.state = network.state(place);
        this.jitter = network.world().newRandom("jitter " + place);
    }

    /// Whether the receiver is gone, or no member any more: its address may be another's by now.
    boolean isDead() {
        return !receiver.isAt(way.destination());
    }

    Path way() {
        return way;
    }

    private long now() {
        return network.world().clock().nanoTime();
    }

    /// When there is room for another packet.
    long roomNanos() {
        return departNanos - BACKLOG_NANOS;
    }

    /// Writes the ICRC behind the bytes that are there.
    void seal(WirePacket packet) {
        int covered = packet.length - PacketCheck.ICRC_LENGTH;
        Icrc.store(packet.bytes, covered, compute(packet, covered));
    }

    private boolean isSealed(WirePacket packet) {
        int covered = packet.length - PacketCheck.ICRC_LENGTH;
        return compute(packet, covered) == Icrc.load(packet.bytes, covered);
    }

    private int compute(WirePacket packet, int covered) {
        return icrc.compute(PORT, PORT, 0, Icrc.DONT_FRAGMENT, packet.bytes, 0, covered);
    }

    /// Takes a sealed packet on its way.
    void carry(WirePacket packet) {
        state.packets++;
        network.world().trace().add(TraceKind.SENT, place.from(), place.to(), packet, addresses);
        network.sent(place, packet);
        int size = packet.length + IP_AND_UDP;
        departNanos =
                Math.max(departNanos, now())
                        + (long) size * Byte.SIZE * NANOS_PER_SECOND / settings.bitsPerSecond();
        consider(packet.opcode());
        String why = loss(size);
        if (!why.isEmpty()) {
            lose(packet, why);
            return;
        }
        harm(packet);
        long arrival = departNanos + settings.latency().toNanos();
        if (!settings.jitter().isZero()) {
            arrival += jitter.nextLong(settings.jitter().toNanos());
        }
        arrival = Math.max(arrival, latestArrival);
        long late = lateness();
        if (late == 0) {
            latestArrival = arrival;
        } else {
            state.harmed++;
        }
        repeat(packet, arrival);
        haunt(packet, arrival);
        network.world().schedule(packet, arrival + late);
    }

    /// Asks about every kind for each packet before any happens: a fault that is left out of a plan
    /// then moves no other.
    private void consider(@Nullable RoceOpcode opcode) {
        burst = faults.consider(FaultKind.BURST, place, state.packets, opcode);
        loss = faults.consider(FaultKind.LOSS, place, state.packets, opcode);
        corrupt = faults.consider(FaultKind.CORRUPT, place, state.packets, opcode);
        forge = faults.consider(FaultKind.FORGE, place, state.packets, opcode);
        reorder = faults.consider(FaultKind.REORDER, place, state.packets, opcode);
        delay = faults.consider(FaultKind.DELAY, place, state.packets, opcode);
        duplicate = faults.consider(FaultKind.DUPLICATE, place, state.packets, opcode);
        ghost = FaultPlan.NOTHING;
        if (opcode == RoceOpcode.RC_ACKNOWLEDGE) {
            state.acknowledgements++;
            ghost =
                    faults.consider(
                            FaultKind.GHOST_ACKNOWLEDGE, place, state.acknowledgements, opcode);
        }
    }

    private void happened(FaultKind kind, long argument) {
        faults.happened(kind, place, state.packets, argument);
    }

    /// Why a packet is lost, or nothing.
    private String loss(int size) {
        if (burst > 0) {
            happened(FaultKind.BURST, burst);
            state.burstLeft = burst;
        }
        boolean inBurst = state.burstLeft > 0;
        if (inBurst) {
            state.burstLeft--;
        }
        if (loss >= 0) {
            happened(FaultKind.LOSS, loss);
            return "lost";
        }
        if (inBurst && StableHash.mix(state.packets) % BURST_SURVIVORS != 0) {
            return "lost in a burst";
        }
        if (size > settings.mtu() || size > network.mtuNow(place, settings.mtu())) {
            return "above the MTU";
        }
        if (!sender.isUp() || !receiver.isUp()) {
            return "a port is down";
        }
        return network.isCut(place) ? "the network is parted" : "";
    }

    private void harm(WirePacket packet) {
        if (forge >= 0) {
            happened(FaultKind.FORGE, forge);
            packet.damage(forge, Math.min(FORGED, packet.length - PacketCheck.ICRC_LENGTH));
            seal(packet);
        }
        if (corrupt >= 0) {
            happened(FaultKind.CORRUPT, corrupt);
            state.harmed++;
            packet.damage(corrupt, packet.length);
        }
    }

    /// By how many nanoseconds a packet is late, others overtaking it.
    private long lateness() {
        long late = 0;
        if (delay > 0) {
            happened(FaultKind.DELAY, delay);
            late = delay * NANOS_PER_MICRO;
        }
        if (reorder > 0) {
            happened(FaultKind.REORDER, reorder);
            // As long as so many packets of a middling size take.
            late += reorder * 512 * Byte.SIZE * NANOS_PER_SECOND / settings.bitsPerSecond();
        }
        return late;
    }

    private void repeat(WirePacket packet, long arrival) {
        if (duplicate >= 0) {
            happened(FaultKind.DUPLICATE, duplicate);
            WirePacket twin = network.pool().take();
            twin.copyFrom(packet);
            network.world().schedule(twin, arrival + duplicate * NANOS_PER_MICRO);
        }
    }

    /// Lets an acknowledgement be followed by one that nobody sent.
    private void haunt(WirePacket packet, long arrival) {
        if (ghost >= 0) {
            faults.happened(FaultKind.GHOST_ACKNOWLEDGE, place, state.acknowledgements, ghost);
            // One that asks for what was acknowledged to be sent again costs a retry.
            state.harmed++;
            WirePacket twin = network.pool().take();
            twin.copyFrom(packet);
            twin.becomeGhost(ghost);
            seal(twin);
            network.world().schedule(twin, arrival);
        }
    }

    /// A packet ends here.
    void lose(WirePacket packet, String why) {
        state.harmed++;
        network.world().trace().add(TraceKind.LOST, place.from(), place.to(), packet, why);
        packet.release();
    }

    /// The packet is there.
    void arrive(WirePacket packet) {
        if (isDead()) {
            lose(packet, "nobody has the address any more");
        } else if (!receiver.isUp()) {
            lose(packet, "the port is down");
        } else {
            receiver.enqueue(packet);
        }
    }

    /// Whether the receiver finds the ICRC right; the trace says so.
    boolean check(WirePacket packet) {
        boolean good = isSealed(packet);
        TraceKind kind = good ? TraceKind.ARRIVED : TraceKind.BAD_ICRC;
        network.world().trace().add(kind, place.to(), place.from(), packet, "");
        if (good) {
            network.arrived(place, packet);
        }
        return good;
    }
}
