package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitized.Sanitized;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciTopology;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.verbs.VerbsException;

/// What a device that the CPU serves is given: physical addresses, as the seeds wanted it, or
/// kernel virtual ones, as rxe and siw are today.
class SoftwareDmaDeviceTest {

    private static final long PAGE = 4096;

    private final Host host = Sanitized.host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final SparsePhysicalMemory memory = host.physicalMemory();
    private final DmaDevice physical = device(DmaAddressing.PHYSICAL, DmaLimits.ofBits(64));
    private final DmaDevice virtual = device(DmaAddressing.VIRTUAL, DmaLimits.ofBits(64));

    private DmaDevice device(DmaAddressing addressing, DmaLimits limits) {
        return TestDevice.of(new SoftwareDmaDevice(memory, addressing, limits), host);
    }

    @Test
    void shouldGiveThePhysicalAddressesThemselves() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        DmaMapping mapping = physical.map(pages, DmaDirection.TO_DEVICE);
        assertThat(mapping.segments())
                .containsExactly(
                        new DmaSegment(AddressSpace.PHYSICAL, pages.address(0), PAGE),
                        new DmaSegment(AddressSpace.PHYSICAL, pages.address(1), PAGE));
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.DIRECT);
        assertThat(mapping.length()).isEqualTo(2 * PAGE);
    }

    /// `dma_virt_ops`, today `ib_uses_virt_dma()`.
    @Test
    void shouldGiveKernelVirtualAddressesAsDmaVirtOpsDid() {
        PhysicalAllocation page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        DmaMapping mapping = virtual.map(page, DmaDirection.TO_DEVICE);
        assertThat(mapping.segments())
                .containsExactly(
                        new DmaSegment(
                                AddressSpace.VIRTUAL, LinearMap.virtual(page.address(0)), PAGE));
    }

    @Test
    void shouldJoinPhysicalNeighbours() {
        PhysicalAllocation run = memory.allocate(PhysicalMemoryRequest.contiguous(2 * PAGE));
        ScatterList list =
                new ScatterList().add(run.range(10, 100)).add(run.range(110, 2 * PAGE - 110));
        for (DmaDevice device : new DmaDevice[] {physical, virtual}) {
            assertThat(device.mapSg(list, DmaDirection.TO_DEVICE).segments())
                    .extracting(DmaSegment::length)
                    .containsExactly(2 * PAGE - 10);
        }
    }

    @Test
    void shouldEndSegmentsAtTheLongestThatTheDeviceTakes() {
        DmaDevice small =
                device(DmaAddressing.PHYSICAL, new DmaLimits(Long.MAX_VALUE, (1L << 32) - 1, PAGE));
        PhysicalAllocation run = memory.allocate(PhysicalMemoryRequest.contiguous(3 * PAGE - 1));
        assertThat(small.map(run, DmaDirection.TO_DEVICE).segments())
                .extracting(DmaSegment::length)
                .containsExactly(PAGE, PAGE, PAGE - 1);
    }

    @Test
    void shouldReachHighMemoryByPhysicalAddressOnly() {
        PhysicalAllocation high =
                memory.allocate(PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.HIGHMEM));
        assertThat(physical.map(high, DmaDirection.FROM_DEVICE).segments()).hasSize(1);
        assertThatThrownBy(() -> virtual.map(high, DmaDirection.FROM_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining(
                        "element 0 (4096 bytes at physical address 0x10000000000) is high memory")
                .hasMessageContaining("PHYSICAL addressing reaches it")
                .hasMessageContaining("EFAULT");
    }

    @Test
    void shouldReachAPeersBarByPhysicalAddressOnly() {
        PciTopology pci = new PciTopology(memory);
        PhysicalAllocation bar =
                pci.addFunction("nvme", pci.addHostBridge("host", PeerTraffic.NONE, 0))
                        .addBar(PAGE);
        assertThat(physical.map(bar, DmaDirection.TO_DEVICE).segments()).hasSize(1);
        assertThatThrownBy(() -> virtual.map(bar, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("is a peer's memory")
                .hasMessageContaining("EREMOTEIO");
    }

    @Test
    void shouldRefuseWhatIsNoMemoryAndLeaveNothingMapped() {
        PhysicalAllocation page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        ScatterList list = new ScatterList().add(page.range(0, PAGE)).add(0x5000, 0, 1);
        assertThatThrownBy(() -> physical.map(list, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining(
                        "element 1 (1 bytes at physical address 0x5000) is no memory");
        assertThatThrownBy(() -> physical.map(PhysicalRanges.of(), DmaDirection.TO_DEVICE))
                .hasMessageContaining("the vector has no element");
        assertThat(physical.statistics().maps()).isZero();
    }

    @Test
    @Provokes(value = Finding.INVALID_KERNEL_ADDRESS, because = "it is refused")
    void shouldMapSingleOnlyWhatTheLinearMapHas() {
        PhysicalAllocation page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        long kernel = memory.kernelAddress(page.address(0) + 8);
        assertThat(physical.mapSingle(kernel, 16, DmaDirection.TO_DEVICE).segments())
                .containsExactly(new DmaSegment(AddressSpace.PHYSICAL, page.address(0) + 8, 16));
        for (long wrong : new long[] {0x7000_0000_0000L, page.address(0), 0}) {
            assertThatThrownBy(() -> physical.mapSingle(wrong, 16, DmaDirection.TO_DEVICE))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("is not in the kernel's linear map");
        }
    }

    @Test
    void shouldGiveTheSameSegmentsForEveryKindOfVector() {
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(5 * PAGE));
        PhysicalVector part = pages.part(100, 3 * PAGE);
        var expected = physical.map(part, DmaDirection.TO_DEVICE).segments();
        assertThat(physical.map(ScatterList.of(part), DmaDirection.TO_DEVICE).segments())
                .isEqualTo(expected);
        assertThat(physical.map(new BioVector(part), DmaDirection.TO_DEVICE).segments())
                .isEqualTo(expected);
    }

    @Test
    void shouldCountEachUnmapOnce() {
        PhysicalAllocation page = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        DmaMapping mapping = physical.map(page, DmaDirection.TO_DEVICE);
        mapping.syncForCpu();
        mapping.close();
        mapping.close();
        assertThat(physical.statistics().maps()).isEqualTo(1);
        assertThat(physical.statistics().unmaps()).isEqualTo(1);
        assertThatThrownBy(mapping::syncForDevice).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseLimitsThatAreNone() {
        assertThatThrownBy(() -> new DmaLimits(0x1234, 0xffff, 1))
                .hasMessageContaining("mask 0x1234 is no power of two minus one");
        assertThatThrownBy(() -> new DmaLimits(0xffff, 0xffff, 0))
                .hasMessageContaining("maxSegment 0 is below 1");
        assertThat(DmaLimits.ofBits(32).mask()).isEqualTo(0xffff_ffffL);
        assertThatThrownBy(
                        () ->
                                new SoftwareDmaDevice(
                                        memory, DmaAddressing.IOVA, DmaLimits.ofBits(64)))
                .hasMessageContaining("a software device has no IOVA");
    }
}
