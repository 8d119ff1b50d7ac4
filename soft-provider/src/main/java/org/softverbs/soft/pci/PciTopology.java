package org.softverbs.soft.pci;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// The PCI hierarchy of a host, built from the top down.
public final class PciTopology {

    /// CPU address of the first host bridge's window; the others follow at equal distances.
    private static final long FIRST_WINDOW = 1L << 44;

    private static final long WINDOW = 1L << 40;

    private final SparsePhysicalMemory memory;
    private final List<HostBridge> hostBridges = new ArrayList<>();
    private final List<PciFunction> functions = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private int adapters;
    private final List<BarInfo> bars = new ArrayList<>();
    private final Map<BarLookup, BarInfoIndex> indexes = new EnumMap<>(BarLookup.class);

    public PciTopology(SparsePhysicalMemory memory) {
        this.memory = memory;
    }

    /// Adds a host bridge.
    ///
    /// @param busOffset what to add to a CPU address for the address on the bus; usually 0
    /// @throws IllegalArgumentException when the name is taken
    public synchronized HostBridge addHostBridge(
            String name, PeerTraffic peerTraffic, long busOffset) {
        long window = FIRST_WINDOW + hostBridges.size() * WINDOW;
        HostBridge bridge = new HostBridge(checkName(name), peerTraffic, window, WINDOW, busOffset);
        hostBridges.add(bridge);
        return bridge;
    }

    /// Adds a bridge below a host bridge or another bridge.
    ///
    /// @param redirecting whether it sends requests between peers up to the host bridge (ACS)
    /// @throws IllegalArgumentException when the name is taken or the parent is a function
    public synchronized PciBridge addBridge(String name, PciNode parent, boolean redirecting) {
        return new PciBridge(checkName(name), checkParent(parent), redirecting);
    }

    /// Adds a function below a host bridge or a bridge.
    ///
    /// @throws IllegalArgumentException when the name is taken or the parent is a function
    public synchronized PciFunction addFunction(String name, PciNode parent) {
        PciFunction function =
                new PciFunction(checkName(name), checkParent(parent), memory, this::register);
        functions.add(function);
        return function;
    }

    /// Adds an adapter below the first host bridge; on a host without one that is made, too.
    public synchronized PciFunction addAdapter() {
        HostBridge bridge =
                hostBridges.isEmpty()
                        ? addHostBridge("host bridge", PeerTraffic.SAME_BRIDGE, 0)
                        : hostBridges.getFirst();
        adapters++;
        return addFunction("adapter " + adapters, bridge);
    }

    /// Takes out what [#addAdapter] gave.
    public synchronized void removeAdapter(PciFunction adapter) {
        if (functions.remove(adapter)) {
            names.remove(adapter.name());
        }
    }

    private String checkName(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("there is a '" + name + "' already");
        }
        return name;
    }

    private static PciNode checkParent(PciNode parent) {
        if (parent instanceof PciFunction) {
            throw new IllegalArgumentException(parent + " is a function: nothing hangs under it");
        }
        return parent;
    }

    private synchronized void register(BarInfo bar) {
        bars.add(bar);
        indexes.values().forEach(index -> index.add(bar));
    }

    /// The BAR behind a physical address. When an index is full, it is searched for.
    public synchronized Optional<BarInfo> barAt(BarLookup lookup, long physicalAddress) {
        Optional<BarInfo> found = index(lookup).search(physicalAddress);
        return found.isPresent() ? found : index(BarLookup.INTERVALS).search(physicalAddress);
    }

    private BarInfoIndex index(BarLookup lookup) {
        return indexes.computeIfAbsent(
                lookup,
                fresh -> {
                    BarInfoIndex index = fresh.newIndex();
                    bars.forEach(index::add);
                    return index;
                });
    }

    /// Finds memory that some function offers and that all clients reach, the nearest.
    ///
    /// Kernel name: `pci_p2pmem_find_many`.
    ///
    /// @param random picks one of those that are equally near
    /// @return nothing when there is none
    public Optional<PciFunction> findPeerMemory(List<PciFunction> clients, RandomGenerator random) {
        List<PciFunction> providers;
        synchronized (this) {
            providers = functions.stream().filter(PciFunction::hasPublishedMemory).toList();
        }
        return PeerDistance.findMany(providers, clients, random);
    }

    /// The function in whose BAR a physical address lies.
    public synchronized Optional<PciFunction> ownerOf(long physicalAddress) {
        for (PciFunction function : functions) {
            if (function.owns(physicalAddress)) {
                return Optional.of(function);
            }
        }
        return Optional.empty();
    }
}
