package org.softverbs.soft.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;

/// The way from the function that asks for memory to the one that has it.
///
/// Source: `calc_map_type_and_dist` of `drivers/pci/p2pdma.c`.
///
/// @param mapping how it is reached
/// @param hops bridges and functions to pass, up to the common bridge and down: 0 within a
///     function, 2 to a neighbour below one bridge, 4 below one switch
public record PeerDistance(PeerMapping mapping, int hops) {

    /// Finds the way.
    ///
    /// @param provider whose memory it is
    /// @param client who wants to reach it
    public static PeerDistance between(PciFunction provider, PciFunction client) {
        boolean redirected = false;
        int up = 0;
        Optional<? extends PciNode> from = Optional.of(provider);
        while (from.isPresent()) {
            PciNode above = from.get();
            redirected |= above instanceof PciBridge bridge && bridge.isRedirecting();
            int down = hopsTo(above, client);
            if (down >= 0) {
                redirected |= isRedirectedBelow(above, client);
                PeerMapping mapping =
                        redirected ? throughHost(provider, client) : PeerMapping.BUS_ADDRESS;
                return new PeerDistance(mapping, up + down);
            }
            from = above.upstream();
            up++;
        }
        return new PeerDistance(throughHost(provider, client), up + depth(client));
    }

    /// Sum of the ways to several clients; nothing when one of them has none.
    ///
    /// Kernel name: `pci_p2pdma_distance_many`.
    public static Optional<Integer> toAll(PciFunction provider, List<PciFunction> clients) {
        int sum = 0;
        for (PciFunction client : clients) {
            PeerDistance distance = between(provider, client);
            if (distance.mapping == PeerMapping.NOT_SUPPORTED) {
                return Optional.empty();
            }
            sum += distance.hops;
        }
        return Optional.of(sum);
    }

    /// The provider with the shortest ways to several clients: what an egress device is chosen by
    /// before a request is built.
    ///
    /// Kernel name: `pci_p2pmem_find_many`.
    ///
    /// @param providers functions that have memory to offer
    /// @param clients functions that are to reach it, at least one
    /// @param random picks one of those that are equally near
    /// @return nothing when none reaches all of them
    /// @throws IllegalArgumentException when there is no client
    public static Optional<PciFunction> findMany(
            List<PciFunction> providers, List<PciFunction> clients, RandomGenerator random) {
        if (clients.isEmpty()) {
            throw new IllegalArgumentException("there is no client to be near to");
        }
        int closest = Integer.MAX_VALUE;
        List<PciFunction> found = new ArrayList<>();
        for (PciFunction provider : providers) {
            int distance = toAll(provider, clients).orElse(Integer.MAX_VALUE);
            if (distance < closest) {
                closest = distance;
                found.clear();
            }
            if (distance == closest && distance != Integer.MAX_VALUE) {
                found.add(provider);
            }
        }
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(found.get(random.nextInt(found.size())));
    }

    /// Hops from a function up to a node, or -1 when the node is not above it.
    private static int hopsTo(PciNode above, PciFunction client) {
        int hops = 0;
        Optional<? extends PciNode> at = Optional.of(client);
        while (at.isPresent()) {
            if (at.get().equals(above)) {
                return hops;
            }
            at = at.get().upstream();
            hops++;
        }
        return -1;
    }

    private static int depth(PciFunction client) {
        int depth = 0;
        Optional<? extends PciNode> at = Optional.of(client);
        while (at.isPresent()) {
            at = at.get().upstream();
            depth++;
        }
        return depth;
    }

    private static boolean isRedirectedBelow(PciNode common, PciFunction client) {
        Optional<? extends PciNode> at = Optional.of(client);
        while (at.isPresent() && !at.get().equals(common)) {
            if (at.get() instanceof PciBridge bridge && bridge.isRedirecting()) {
                return true;
            }
            at = at.get().upstream();
        }
        return false;
    }

    private static PeerMapping throughHost(PciFunction provider, PciFunction client) {
        HostBridge one = provider.hostBridge();
        HostBridge other = client.hostBridge();
        boolean allowed =
                one.equals(other)
                        ? one.peerTraffic() != PeerTraffic.NONE
                        : one.peerTraffic() == PeerTraffic.ANY_BRIDGE
                                && other.peerTraffic() == PeerTraffic.ANY_BRIDGE;
        return allowed ? PeerMapping.THROUGH_HOST_BRIDGE : PeerMapping.NOT_SUPPORTED;
    }
}
