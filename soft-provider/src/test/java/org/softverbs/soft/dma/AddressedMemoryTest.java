package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.LinearMap;

/// What a device finds at the addresses that it sends out, and what it is refused.
class AddressedMemoryTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();
    private final RunList runs = new RunList();

    private AccessResult reach(AddressedMemory memory, DmaSegment segment, boolean write) {
        return memory.resolve(segment.address(), segment.length(), write, runs);
    }

    private AccessResult reach(AddressedMemory memory, long address) {
        return memory.resolve(address, 1, false, runs);
    }

    @Test
    void shouldReachEverythingByPhysicalAddress() {
        TestDevice device = it.software(DmaAddressing.PHYSICAL);
        PhysicalAllocation high = it.withFlag(PageFlag.HIGHMEM, PAGE);
        PhysicalAllocation bar = it.stranger.addBar(PAGE);
        for (PhysicalAllocation memory : new PhysicalAllocation[] {high, bar}) {
            DmaHost.fill(memory.segment(), 1);
            DmaMapping mapping = device.map(memory, DmaDirection.TO_DEVICE);
            assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(memory));
        }
        assertThat(reach(device.memory(), 0x5000)).isEqualTo(AccessResult.NO_MEMORY);
    }

    @Test
    void shouldReachTheLinearMapOnlyByVirtualAddress() {
        TestDevice device = it.software(DmaAddressing.VIRTUAL);
        AddressedMemory memory = device.memory();
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaHost.fill(page.segment(), 1);
        DmaMapping mapping = device.map(page, DmaDirection.TO_DEVICE);
        assertThat(DmaHost.read(memory, mapping)).isEqualTo(it.bytes(page));
        PhysicalAllocation high = it.withFlag(PageFlag.HIGHMEM, PAGE);
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        assertThat(reach(memory, LinearMap.virtual(high.address(0))))
                .isEqualTo(AccessResult.NOT_MAPPED);
        assertThat(reach(memory, LinearMap.virtual(bar.address(0))))
                .isEqualTo(AccessResult.NOT_MAPPED);
        assertThat(reach(memory, page.address(0))).isEqualTo(AccessResult.NOT_MAPPED);
        assertThat(reach(memory, LinearMap.virtual(0x5000))).isEqualTo(AccessResult.NO_MEMORY);
    }

    @Test
    void shouldReachWithinTheMaskOnlyWithoutAnIommu() {
        TestDevice narrow =
                it.direct(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        PhysicalAllocation far = it.contiguous(PAGE);
        PhysicalAllocation near =
                it.host
                        .physicalMemory()
                        .allocate(PhysicalMemoryRequest.contiguous(PAGE).withBelow(1L << 32));
        assertThat(reach(narrow.memory(), far.address(0))).isEqualTo(AccessResult.UNREACHABLE);
        assertThat(reach(narrow.memory(), near.address(0))).isEqualTo(AccessResult.GRANTED);
        assertThat(reach(narrow.memory(), -1)).isEqualTo(AccessResult.UNREACHABLE);
        assertThat(narrow.memory().resolve((1L << 32) - 1, 2, false, runs))
                .isEqualTo(AccessResult.UNREACHABLE);
    }

    @Test
    @Provokes(value = Finding.PRIVATE_EXPOSED, because = "it is refused")
    void shouldRefusePrivateMemoryWithoutAnIommu() {
        PhysicalAllocation secret = it.withFlag(PageFlag.PRIVATE, PAGE);
        AdapterProperties able = AdapterProperties.standard().withHandlesPrivate(true);
        assertThat(reach(it.direct(AdapterProperties.standard()).memory(), secret.address(0)))
                .isEqualTo(AccessResult.PRIVATE_MEMORY);
        assertThat(reach(it.direct(able).memory(), secret.address(0)))
                .isEqualTo(AccessResult.GRANTED);
    }

    /// A bus address is a peer's, with an IOMMU or without.
    @Test
    void shouldReachAPeerByItsAddressOnTheBus() {
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        DmaHost.fill(bar.segment(), 3);
        TestDevice direct = it.direct(AdapterProperties.standard());
        TestDevice translated = it.translated(AdapterProperties.standard());
        for (DmaDevice device : new DmaDevice[] {direct, translated}) {
            AddressedMemory memory = device == direct ? direct.memory() : translated.memory();
            try (DmaMapping mapping = device.map(bar, DmaDirection.TO_DEVICE)) {
                assertThat(mapping.segments().getFirst().space()).isEqualTo(AddressSpace.BUS);
                assertThat(DmaHost.read(memory, mapping)).isEqualTo(it.bytes(bar));
            }
        }
    }

    /// Its own bridge has the address, but the way to the peer does not lead along the bus.
    @Test
    void shouldRefuseABusAddressOfAPeerThatIsNotReachedByOne() {
        PhysicalAllocation bar = it.bridgePeer.addBar(PAGE);
        AddressedMemory memory = it.direct(AdapterProperties.standard()).memory();
        assertThat(reach(memory, bar.address(0) + DmaHost.BUS_OFFSET))
                .isEqualTo(AccessResult.UNREACHABLE);
        assertThat(reach(memory, bar.address(0))).isEqualTo(AccessResult.GRANTED);
        assertThat(reach(memory, it.stranger.addBar(PAGE).address(0)))
                .isEqualTo(AccessResult.UNREACHABLE);
        assertThat(reach(memory, it.bridge.windowEnd() - 1 + DmaHost.BUS_OFFSET))
                .isEqualTo(AccessResult.NO_MEMORY);
        assertThat(memory.resolve(it.bridge.windowEnd() - 1 + DmaHost.BUS_OFFSET, 2, false, runs))
                .isEqualTo(AccessResult.UNREACHABLE);
    }

    @Test
    @Provokes(
            value = {Finding.DEVICE_AGAINST_DIRECTION, Finding.DEVICE_USE_AFTER_UNMAP},
            because = "each has its fault")
    void shouldFaultBehindAnIommuWithTheReason() {
        TestDevice device = it.translated(AdapterProperties.standard());
        AddressedMemory memory = device.memory();
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaMapping source = device.map(page, DmaDirection.TO_DEVICE);
        DmaMapping target = device.map(page, DmaDirection.FROM_DEVICE);
        DmaSegment read = source.segments().getFirst();
        DmaSegment written = target.segments().getFirst();
        assertThat(reach(memory, read, false)).isEqualTo(AccessResult.GRANTED);
        assertThat(reach(memory, written, true)).isEqualTo(AccessResult.GRANTED);
        assertThat(reach(memory, read, true)).isEqualTo(AccessResult.NO_DEVICE_WRITE);
        assertThat(reach(memory, written, false)).isEqualTo(AccessResult.NO_DEVICE_READ);
        assertThat(reach(memory, page.address(0))).isEqualTo(AccessResult.NOT_MAPPED);
        source.close();
        assertThat(reach(memory, read, false)).isEqualTo(AccessResult.NOT_MAPPED);
    }

    @Test
    void shouldLeaveTheRunsAloneWhenRefused() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation pages = it.scattered(2 * PAGE);
        DmaSegment segment = device.map(pages, DmaDirection.TO_DEVICE).segments().getFirst();
        assertThat(reach(device.memory(), segment, false)).isEqualTo(AccessResult.GRANTED);
        assertThat(runs.count()).isEqualTo(2);
        assertThat(device.memory().resolve(segment.address(), 3 * PAGE, false, runs))
                .isEqualTo(AccessResult.NOT_MAPPED);
        assertThat(runs.count()).isEqualTo(2);
        assertThat(runs.total()).isEqualTo(2 * PAGE);
    }

    /// The mapping outlived the memory: a bug of the driver, but not one of ours.
    @Test
    @Provokes(value = Finding.FREED_WHILE_MAPPED, because = "it is refused")
    void shouldRefuseMemoryThatIsGone() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaSegment segment = device.map(page, DmaDirection.TO_DEVICE).segments().getFirst();
        page.close();
        assertThat(reach(device.memory(), segment, false)).isEqualTo(AccessResult.NO_MEMORY);
        assertThat(runs.count()).isZero();
    }

    @Test
    @Provokes(value = Finding.DEVICE_USE_AFTER_UNMAP, because = "finds what a stale entry shows")
    void shouldFindWhatOnlyTheIotlbStillKnowsUnderALazyFlushPolicy() {
        DmaHost lazy = new DmaHost(PAGE, FlushPolicy.LAZY);
        TestDevice device = lazy.translated(AdapterProperties.standard());
        AddressedMemory memory = device.memory();
        DmaMapping mapping = device.map(lazy.contiguous(PAGE), DmaDirection.TO_DEVICE);
        DmaSegment segment = mapping.segments().getFirst();
        assertThat(reach(memory, segment, false)).isEqualTo(AccessResult.GRANTED);
        mapping.close();
        assertThat(reach(memory, segment, false)).isEqualTo(AccessResult.GRANTED);
        lazy.domain.flush();
        assertThat(reach(memory, segment, false)).isEqualTo(AccessResult.NOT_MAPPED);
    }
}
