package org.softverbs.soft.explain;

import java.util.List;
import java.util.SplittableRandom;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciBridge;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PciTopology;

/// A host with an adapter and with peers that it reaches in each of the three ways, and memory for
/// a scatter list in it. The same list gives the same addresses in every run.
public final class SampleHost {

    private static final long PAGE = 4096;
    private static final long BUS_OFFSET = 1L << 45;
    private static final long SEED = 1;

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(SEED)));
    private final PciFunction adapter;
    private final PciFunction busPeer;
    private final PciFunction bridgePeer;
    private final PciFunction strangePeer;
    private final ScatterList list = new ScatterList();

    /// @param elements what the list holds, in order
    public SampleHost(List<SglElement> elements) {
        PciTopology pci = host.pci();
        HostBridge bridge = pci.addHostBridge("host bridge", PeerTraffic.SAME_BRIDGE, BUS_OFFSET);
        PciBridge root = pci.addBridge("root port", bridge, false);
        adapter = pci.addFunction("adapter", root);
        busPeer = pci.addFunction("neighbour", root);
        bridgePeer = pci.addFunction("peer below another root port", bridge);
        strangePeer =
                pci.addFunction(
                        "peer below another host bridge",
                        pci.addHostBridge("other host bridge", PeerTraffic.NONE, 0));
        int from = 0;
        while (from < elements.size()) {
            int to = from + 1;
            while (to < elements.size() && elements.get(to).kind() == ElementKind.ADJACENT) {
                to++;
            }
            place(elements.subList(from, to));
            from = to;
        }
    }

    /// Places an element and those adjacent to it.
    private void place(List<SglElement> neighbours) {
        SglElement first = neighbours.getFirst();
        long length = first.offset() + neighbours.stream().mapToLong(SglElement::length).sum();
        PhysicalAllocation memory = allocate(first.kind(), length);
        long at = first.offset();
        for (SglElement element : neighbours) {
            list.add(memory.range(at, element.length()));
            at += element.length();
        }
    }

    private PhysicalAllocation allocate(ElementKind kind, long length) {
        PhysicalMemoryRequest request = PhysicalMemoryRequest.contiguous(length);
        return switch (kind) {
            case RAM, ADJACENT -> host.physicalMemory().allocate(request);
            case HIGHMEM -> host.physicalMemory().allocate(request.withFlag(PageFlag.HIGHMEM));
            case PRIVATE -> host.physicalMemory().allocate(request.withFlag(PageFlag.PRIVATE));
            case P2P_BUS -> addBar(busPeer, length);
            case P2P_BRIDGE -> addBar(bridgePeer, length);
            case P2P_NONE -> addBar(strangePeer, length);
        };
    }

    /// A BAR of its own, of twice the length, so that two elements are no neighbours by chance.
    private static PhysicalAllocation addBar(PciFunction peer, long length) {
        long size = Math.max(PAGE, Long.highestOneBit(length)) << 1;
        return peer.addBar(size == length ? size << 1 : size);
    }

    public Host host() {
        return host;
    }

    /// The adapter that is to reach the list.
    public PciFunction adapter() {
        return adapter;
    }

    /// The memory in order.
    public ScatterList list() {
        return list;
    }

    /// The functions whose memory the list may hold.
    public List<PciFunction> peers() {
        return List.of(busPeer, bridgePeer, strangePeer);
    }
}
