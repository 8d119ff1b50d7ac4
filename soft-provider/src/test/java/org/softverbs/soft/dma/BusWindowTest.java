package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.iommu.CachedIovaAllocator;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IovaAllocator;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.IovaPolicy.LowAddresses;
import org.softverbs.soft.iommu.PageSizes;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciFunction;

/// No I/O virtual address lies in a window of a host bridge above a member of the domain, so that
/// the range of an address tells whose it is.
class BusWindowTest {

    private static final long PAGE = DmaHost.PAGE;

    /// A function below a bridge whose window lies where IOVAs would be given out first, more often
    /// than anywhere else.
    private static PciFunction function(Host host, SplittableRandom random, int number) {
        long[] favourites = {0, 255, 254, random.nextLong(0, 256)};
        long busStart = favourites[random.nextInt(favourites.length)] << 40;
        long windowStart = (1L << 44) + ((long) number << 40);
        HostBridge bridge =
                host.pci()
                        .addHostBridge(
                                "bridge " + number, PeerTraffic.ANY_BRIDGE, busStart - windowStart);
        assertThat(bridge.hasBusAddress(busStart)).isTrue();
        return host.pci().addFunction("function " + number, bridge);
    }

    private static boolean isInWindow(List<PciFunction> members, long address) {
        return members.stream().anyMatch(member -> member.hostBridge().hasBusAddress(address));
    }

    @Test
    void shouldNeverGiveOutAnAddressOfAWindow() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            String name = "seed " + seed + " round " + round;
            Host host = Sanitized.host(() -> 0, RandomSource.seeded(random.split()));
            boolean lowFirst = random.nextBoolean();
            TreeIovaAllocator tree = new TreeIovaAllocator(PAGE, 1);
            IovaAllocator allocator =
                    random.nextBoolean() ? tree : new CachedIovaAllocator(tree, Cpus.one());
            IommuDomain domain =
                    new IommuDomain(
                            PageSizes.standard(), FlushPolicy.STRICT, allocator, 16, Cpus.one());
            LowAddresses low = lowFirst ? LowAddresses.ALWAYS_FIRST : LowAddresses.NOT_PREFERRED;
            List<PciFunction> members = new ArrayList<>();
            List<TestDevice> devices = new ArrayList<>();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                PciFunction member = function(host, random, members.size());
                members.add(member);
                devices.add(
                        TestDevice.of(
                                new TranslatedDmaDevice(
                                        host,
                                        member,
                                        AdapterProperties.standard(),
                                        domain,
                                        new IovaPolicy(allocator, PAGE, low)),
                                host));
            }
            PhysicalAllocation memory =
                    host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(64 * PAGE));
            for (int i = 0; i < 40; i++) {
                long length = random.nextLong(1, 64 * PAGE);
                DmaMapping mapping =
                        devices.get(random.nextInt(devices.size()))
                                .map(memory.part(0, length), DmaDirection.TO_DEVICE);
                for (DmaSegment segment : mapping.segments()) {
                    long last = segment.address() + segment.length() - 1;
                    assertThat(isInWindow(members, segment.address())).as(name).isFalse();
                    assertThat(isInWindow(members, last)).as(name).isFalse();
                }
                if (random.nextBoolean()) {
                    mapping.close();
                }
            }
        }
    }

    @Test
    void shouldReserveTheWindowOfEveryMemberOfADomain() {
        DmaHost it = new DmaHost();
        it.translated(AdapterProperties.standard());
        long other = it.stranger.hostBridge().windowStart();
        assertThat(it.domain.isReserved(it.bridge.windowStart() + DmaHost.BUS_OFFSET)).isTrue();
        assertThat(it.domain.isReserved(other)).isFalse();
        TranslatedDmaDevice second =
                new TranslatedDmaDevice(
                        it.host,
                        it.stranger,
                        AdapterProperties.standard(),
                        it.domain,
                        new IovaPolicy(it.allocator, PAGE, LowAddresses.ALWAYS_FIRST));
        assertThat(it.domain.isReserved(other)).isTrue();
        assertThat(second.addressing()).isEqualTo(DmaAddressing.IOVA);
    }
}
