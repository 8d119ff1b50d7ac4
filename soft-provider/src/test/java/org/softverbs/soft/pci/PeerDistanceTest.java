package org.softverbs.soft.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Distances and kinds of way as `drivers/pci/p2pdma.c` finds them.
class PeerDistanceTest {

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final PciTopology topology = new PciTopology(memory);
    private final HostBridge host =
            topology.addHostBridge("host", PeerTraffic.SAME_BRIDGE, 0x1000_0000);
    private final PciBridge rootPort = topology.addBridge("root port", host, false);
    private final PciBridge upstream = topology.addBridge("upstream", rootPort, false);

    private PciFunction belowSwitch(String name, boolean redirecting) {
        PciBridge port = topology.addBridge("port of " + name, upstream, redirecting);
        return topology.addFunction(name, port);
    }

    @Test
    void shouldReachItselfByBusAddress() {
        PciFunction function = belowSwitch("nic", false);
        assertThat(PeerDistance.between(function, function))
                .isEqualTo(new PeerDistance(PeerMapping.BUS_ADDRESS, 0));
    }

    @Test
    void shouldReachANeighbourBelowOneBridgeInTwoHops() {
        PciFunction one = topology.addFunction("one", rootPort);
        PciFunction two = topology.addFunction("two", rootPort);
        assertThat(PeerDistance.between(one, two))
                .isEqualTo(new PeerDistance(PeerMapping.BUS_ADDRESS, 2));
    }

    @Test
    void shouldReachAPeerBelowOneSwitchInFourHops() {
        assertThat(PeerDistance.between(belowSwitch("nvme", false), belowSwitch("nic", false)))
                .isEqualTo(new PeerDistance(PeerMapping.BUS_ADDRESS, 4));
    }

    @Test
    void shouldGoThroughTheHostBridgeWhereAPortRedirects() {
        PciFunction nvme = belowSwitch("nvme", false);
        PciFunction nic = belowSwitch("nic", true);
        assertThat(PeerDistance.between(nvme, nic))
                .isEqualTo(new PeerDistance(PeerMapping.THROUGH_HOST_BRIDGE, 4));
        assertThat(PeerDistance.between(nic, nvme))
                .isEqualTo(new PeerDistance(PeerMapping.THROUGH_HOST_BRIDGE, 4));
    }

    @Test
    void shouldNotReachAPeerThroughAHostBridgeThatIsNotListed() {
        HostBridge unknown = topology.addHostBridge("unknown", PeerTraffic.NONE, 0);
        PciFunction one = topology.addFunction("one", unknown);
        PciFunction two = topology.addFunction("two", unknown);
        assertThat(PeerDistance.between(one, two).mapping()).isEqualTo(PeerMapping.NOT_SUPPORTED);
        assertThat(PeerDistance.between(one, one).mapping()).isEqualTo(PeerMapping.BUS_ADDRESS);
    }

    @Test
    void shouldGoBetweenHostBridgesOnlyWhenBothAllowIt() {
        PciFunction nic = belowSwitch("nic", false);
        HostBridge open = topology.addHostBridge("open", PeerTraffic.ANY_BRIDGE, 0);
        HostBridge alsoOpen = topology.addHostBridge("also open", PeerTraffic.ANY_BRIDGE, 0);
        PciFunction here = topology.addFunction("here", open);
        PciFunction there = topology.addFunction("there", alsoOpen);
        assertThat(PeerDistance.between(here, there).mapping())
                .isEqualTo(PeerMapping.THROUGH_HOST_BRIDGE);
        assertThat(PeerDistance.between(here, nic).mapping()).isEqualTo(PeerMapping.NOT_SUPPORTED);
    }

    @Test
    void shouldSumUpTheWaysToSeveralClients() {
        PciFunction nvme = belowSwitch("nvme", false);
        PciFunction nic = belowSwitch("nic", false);
        PciFunction other = belowSwitch("other", false);
        PciFunction apart =
                topology.addFunction("apart", topology.addHostBridge("far", PeerTraffic.NONE, 0));
        assertThat(PeerDistance.toAll(nvme, List.of(nic, other))).contains(8);
        assertThat(PeerDistance.toAll(nvme, List.of(nic, apart))).isEmpty();
    }

    @Test
    void shouldPutBarsIntoTheWindowOfTheirHostBridge() {
        PciFunction nvme = belowSwitch("nvme", false);
        nvme.addBar(4096);
        PhysicalAllocation bar = nvme.addBar(1 << 20);
        long address = bar.address(0);
        assertThat(address % (1 << 20)).isZero();
        assertThat(host.hasBusAddress(address + host.busOffset())).isTrue();
        assertThat(host.hasBusAddress(host.windowStart() - 1 + host.busOffset())).isFalse();
        assertThat(host.hasBusAddress(host.windowEnd() + host.busOffset())).isFalse();
        assertThat(memory.flags(address)).containsExactly(PageFlag.DEVICE);
        assertThat(topology.ownerOf(address + 5)).contains(nvme);
        assertThat(topology.ownerOf(address + (1 << 20))).isEmpty();
    }

    @Test
    void shouldRefuseWhatPciHasNot() {
        PciFunction nvme = belowSwitch("nvme", false);
        for (long length : new long[] {0, 2048, 4097, 12_288, 1L << 41}) {
            assertThatThrownBy(() -> nvme.addBar(length))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("BAR of " + length);
        }
        assertThatThrownBy(() -> topology.addFunction("nvme", upstream))
                .hasMessageContaining("there is a 'nvme' already");
        assertThatThrownBy(() -> topology.addBridge("below", nvme, false))
                .hasMessageContaining("nvme is a function");
    }

    @Test
    void shouldFindTheMemoryWithTheSmallestSumOfDistancesAsPciP2pmemFindManyDoes() {
        PciFunction nic = belowSwitch("nic", false);
        PciFunction drive = belowSwitch("drive", false);
        PciFunction far = topology.addFunction("far", rootPort);
        PciFunction near = belowSwitch("near", false);
        List<PciFunction> clients = List.of(nic, drive);
        assertThat(PeerDistance.toAll(far, clients)).contains(8);
        assertThat(PeerDistance.toAll(near, clients)).contains(8);
        assertThat(PeerDistance.toAll(drive, clients)).contains(4);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(PeerDistance.findMany(List.of(far, near, drive), clients, random))
                .contains(drive);
        assertThat(PeerDistance.findMany(List.of(), clients, random)).isEmpty();
        assertThatThrownBy(() -> PeerDistance.findMany(List.of(near), List.of(), random))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldFindNoMemoryThatOneClientCannotReachHoweverNearItIsToTheOthers() {
        HostBridge other = topology.addHostBridge("other", PeerTraffic.NONE, 0);
        PciFunction apart = topology.addFunction("apart", other);
        PciFunction nic = belowSwitch("nic", false);
        PciFunction drive = belowSwitch("drive", false);
        List<PciFunction> clients = List.of(nic, apart);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(PeerDistance.toAll(drive, clients)).isEmpty();
        assertThat(PeerDistance.findMany(List.of(drive, nic), clients, random)).isEmpty();
        assertThat(PeerDistance.findMany(List.of(drive, nic), List.of(nic), random)).contains(nic);
    }

    @Test
    void shouldPickOneOfThoseThatAreEquallyNearByTheSeed() {
        PciFunction nic = belowSwitch("nic", false);
        List<PciFunction> drives =
                List.of(
                        belowSwitch("one", false),
                        belowSwitch("two", false),
                        belowSwitch("three", false));
        Set<PciFunction> picked = new HashSet<>();
        for (int seed = 0; seed < 64; seed++) {
            Optional<PciFunction> pick =
                    PeerDistance.findMany(drives, List.of(nic), new SplittableRandom(seed));
            assertThat(pick)
                    .isEqualTo(
                            PeerDistance.findMany(
                                    drives, List.of(nic), new SplittableRandom(seed)));
            picked.add(pick.orElseThrow());
        }
        assertThat(picked).containsExactlyInAnyOrderElementsOf(drives);
    }

    @Test
    void shouldSelectTheControllerMemoryBufferBeforeTheRequestIsBuilt() {
        PciFunction nic = belowSwitch("nic", false);
        PciFunction plain = belowSwitch("drive without", false);
        PciFunction drive = belowSwitch("drive with CMB", false);
        PciFunction distant = topology.addFunction("distant", topology.addBridge("p", host, false));
        List<PciFunction> clients = List.of(nic, plain);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(topology.findPeerMemory(clients, random)).isEmpty();
        distant.publishMemory();
        assertThat(topology.findPeerMemory(clients, random)).contains(distant);
        drive.publishMemory();
        assertThat(drive.hasPublishedMemory()).isTrue();
        assertThat(topology.findPeerMemory(clients, random)).contains(drive);
    }
}
