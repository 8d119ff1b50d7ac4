package org.softverbs.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.GlobalIdentifier;

/// The network of a [World]: a path between each two nodes, in each direction its own.
public final class SimulatedNetwork {

    /// What is counted of the packets between two nodes, whoever sends them.
    static final class PathState {
        long packets;
        long acknowledgements;
        long harmed;
        long burstLeft;
    }

    private final World world;
    private final WirePacket.Pool pool;
    private final Map<GlobalIdentifier, SimulatedLink> links = new LinkedHashMap<>();
    private final Map<GlobalIdentifier, List<SimulatedLink>> groups = new LinkedHashMap<>();
    private final Map<Place, PathSettings> settings = new LinkedHashMap<>();
    private final Map<Place, Long> narrowUntil = new LinkedHashMap<>();
    private final Map<Place, PathState> states = new LinkedHashMap<>();
    private PathSettings standard = PathSettings.standard();
    private @Nullable PacketObserver observer;

    SimulatedNetwork(World world, WirePacket.Pool pool) {
        this.world = world;
        this.pool = pool;
    }

    World world() {
        return world;
    }

    WirePacket.Pool pool() {
        return pool;
    }

    /// What the ways of nodes are like that are added from now on, unless they are set apart.
    public void standard(PathSettings path) {
        standard = path;
    }

    PathSettings standard() {
        return standard;
    }

    /// What one path is like; before its first packet.
    public void path(Place place, PathSettings path) {
        settings.put(place, path);
    }

    /// Has somebody see all packets.
    public void observe(PacketObserver who) {
        observer = who;
    }

    void sent(Place place, WirePacket packet) {
        if (observer != null) {
            observer.onSent(place, packet.bytes, packet.length - PacketCheck.ICRC_LENGTH);
        }
    }

    void arrived(Place place, WirePacket packet) {
        if (observer != null) {
            observer.onArrived(place, packet.bytes, packet.length - PacketCheck.ICRC_LENGTH);
        }
    }

    PathState state(Place place) {
        return states.computeIfAbsent(place, any -> new PathState());
    }

    /// How many packets between two nodes were lost, damaged or late so far, in both directions.
    public long harmed(int one, int other) {
        return state(Place.path(one, other)).harmed + state(Place.path(other, one)).harmed;
    }

    /// All paths to a node and from it are of half their MTU for a while.
    void narrow(int node, long untilNanos) {
        for (SimulatedHost host : world.hosts()) {
            narrowUntil.merge(Place.path(node, host.node()), untilNanos, Math::max);
            narrowUntil.merge(Place.path(host.node(), node), untilNanos, Math::max);
        }
    }

    void heal() {
        narrowUntil.clear();
        states.values().forEach(state -> state.burstLeft = 0);
    }

    int mtuNow(Place place, int mtu) {
        Long until = narrowUntil.isEmpty() ? null : narrowUntil.get(place);
        return until != null && until > world.clock().nanoTime() ? mtu / 2 : mtu;
    }

    boolean isCut(Place place) {
        long now = world.clock().nanoTime();
        return world.host(place.from()).partedUntil() > now
                || world.host(place.to()).partedUntil() > now;
    }

    boolean isTaken(GlobalIdentifier address) {
        return links.containsKey(address);
    }

    /// A port has another address.
    void move(SimulatedLink link, GlobalIdentifier old) {
        links.remove(old, link);
        links.put(link.address(), link);
    }

    /// Joins the network.
    ///
    /// @throws IllegalArgumentException when the address is taken
    SimulatedLink join(SimulatedHost host, GlobalIdentifier address) {
        SimulatedLink link = new SimulatedLink(this, host, address);
        if (links.putIfAbsent(address, link) != null) {
            throw new IllegalArgumentException("address " + address + " is in use");
        }
        return link;
    }

    void leave(SimulatedLink link) {
        links.remove(link.address(), link);
        groups.values().forEach(members -> members.remove(link));
    }

    void join(SimulatedLink link, GlobalIdentifier group) {
        groups.computeIfAbsent(group, any -> new ArrayList<>()).add(link);
    }

    void leave(SimulatedLink link, GlobalIdentifier group) {
        List<SimulatedLink> members = groups.get(group);
        if (members != null) {
            members.remove(link);
        }
    }

    /// The ports in a group, in the order in which they joined.
    List<SimulatedLink> members(GlobalIdentifier group) {
        return groups.getOrDefault(group, List.of());
    }

    /// The way to a member of a group.
    SimulatedPath way(SimulatedLink from, SimulatedLink member, GlobalIdentifier group) {
        Place place = Place.path(from.node(), member.node());
        PathSettings path = settings.getOrDefault(place, from.settings());
        return new SimulatedPath(this, from, member, group, path);
    }

    /// The way to an address, or null when nobody has it.
    @Nullable SimulatedPath find(SimulatedLink from, GlobalIdentifier destination) {
        SimulatedLink to = links.get(destination);
        if (to == null) {
            return null;
        }
        Place place = Place.path(from.node(), to.node());
        return new SimulatedPath(
                this, from, to, destination, settings.getOrDefault(place, from.settings()));
    }
}
