package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.VerbsException;

/// Page loops, resources, single runs and coherent memory.
class WaysToMapTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();

    @Test
    void shouldMapEachPageOfALoopOnItsOwn() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation memory = it.contiguous(16 * PAGE);
        DmaHost.fill(memory.segment(), 1);
        DmaMapping mapping = device.mapPages(memory.part(8, 15 * PAGE), DmaDirection.TO_DEVICE);
        assertThat(mapping.segments()).hasSize(16);
        assertThat(mapping.storedAddresses()).isEqualTo(16);
        assertThat(mapping.length()).isEqualTo(15 * PAGE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SPLIT);
        assertThat(DmaHost.read(device.memory(), mapping))
                .isEqualTo(it.bytes(memory.part(8, 15 * PAGE)));
        mapping.close();
        mapping.close();
        DmaStatistics done = device.statistics();
        assertThat(done.iovaAllocations()).isEqualTo(16);
        assertThat(done.iovaBytes()).isEqualTo(16 * PAGE);
        assertThat(done.iotlbSyncs()).isEqualTo(16);
        assertThat(done.iovaFrees()).isEqualTo(16);
        assertThat(done.iotlbFlushes()).isEqualTo(16);
        it.assertAllFree();
    }

    @Test
    void shouldTakeNoIovaForAPeerOnTheBusInALoopEither() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation bar = it.busPeer.addBar(2 * PAGE);
        PhysicalAllocation page = it.contiguous(PAGE);
        ScatterList list = ScatterList.of(page).add(bar.range(0, 2 * PAGE));
        DmaMapping mapping = device.mapPages(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_WITH_BUS);
        assertThat(mapping.segments())
                .extracting(DmaSegment::space)
                .containsExactly(AddressSpace.IOVA, AddressSpace.BUS, AddressSpace.BUS);
        assertThat(mapping.storedAddresses()).isEqualTo(1);
        assertThat(device.statistics().iovaAllocations()).isEqualTo(1);
    }

    @Test
    void shouldStoreNothingForALoopOnADirectMapAndOnePerBounceOtherwise() {
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        DmaMapping direct =
                it.direct(AdapterProperties.standard()).mapPages(memory, DmaDirection.TO_DEVICE);
        assertThat(direct.outcome()).isEqualTo(IoOutcome.DIRECT);
        assertThat(direct.storedAddresses()).isZero();
        assertThat(direct.segments()).hasSize(4);
        DmaMapping bounced = it.direct(DmaHost.forced()).mapPages(memory, DmaDirection.TO_DEVICE);
        assertThat(bounced.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
        assertThat(bounced.storedAddresses()).isEqualTo(4);
        bounced.close();
        it.assertAllFree();
    }

    @Test
    void shouldLeaveNothingMappedWhenALoopIsRefused() {
        TestDevice device = it.translated(DmaHost.forced());
        PhysicalAllocation large = it.contiguous(5 << 20);
        assertThatThrownBy(() -> device.mapPages(large, DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("POOL_FULL");
        it.assertAllFree();
        assertThat(device.statistics().maps()).isEqualTo(device.statistics().unmaps());
    }

    @Test
    void shouldMapARunAsOneAndNeighboursOfAListToo() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        assertThat(
                        device.mapPage(memory.address(0) + 5, 3 * PAGE, DmaDirection.TO_DEVICE)
                                .segments())
                .extracting(DmaSegment::length)
                .containsExactly(3 * PAGE);
        ScatterList list =
                new ScatterList().add(memory.range(3, 5000)).add(memory.range(5003, 5000));
        assertThat(device.mapSg(list, DmaDirection.TO_DEVICE).segments())
                .extracting(DmaSegment::length)
                .containsExactly(10_000L);
    }

    @Test
    void shouldMapAResourceUnchangedWithoutAnIommu() {
        long registers = it.bridge.windowStart() + (1L << 30);
        DmaMapping physical =
                it.software(DmaAddressing.PHYSICAL)
                        .mapResource(registers, 64, DmaDirection.BIDIRECTIONAL);
        DmaMapping direct =
                it.direct(DmaHost.forced()).mapResource(registers, 64, DmaDirection.TO_DEVICE);
        for (DmaMapping mapping : List.of(physical, direct)) {
            assertThat(mapping.segments())
                    .containsExactly(new DmaSegment(AddressSpace.PHYSICAL, registers, 64));
            assertThat(mapping.outcome()).isEqualTo(IoOutcome.DIRECT);
        }
        assertThat(it.pool.statistics().mappings()).isZero();
    }

    @Test
    void shouldMapAResourceBehindAnIommuWithoutPagesOrBouncing() {
        long registers = it.bridge.windowStart() + (1L << 30) + 16;
        TestDevice device = it.translated(DmaHost.forced());
        DmaMapping mapping = device.mapResource(registers, 64, DmaDirection.BIDIRECTIONAL);
        DmaSegment segment = mapping.segments().getFirst();
        assertThat(segment.space()).isEqualTo(AddressSpace.IOVA);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SINGLE);
        RunList physical = new RunList();
        assertThat(
                        it.domain
                                .translate(
                                        segment.address(),
                                        64,
                                        true,
                                        (address, length) ->
                                                physical.add(MemorySegment.NULL, address, length))
                                .isTranslated())
                .isTrue();
        assertThat(physical.offset(0)).isEqualTo(registers);
        mapping.close();
        it.assertAllFree();
        PhysicalAllocation bar = it.bridgePeer.addBar(PAGE);
        DmaHost.fill(bar.segment(), 4);
        DmaMapping memory = device.mapResource(bar.address(0), PAGE, DmaDirection.TO_DEVICE);
        assertThat(DmaHost.read(device.memory(), memory)).isEqualTo(it.bytes(bar));
    }

    @Test
    void shouldRefuseAResourceThatIsNoneOrIsOutOfReach() {
        PhysicalAllocation page = it.contiguous(PAGE);
        TestDevice narrow =
                it.direct(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        PhysicalAllocation strange = it.stranger.addBar(PAGE);
        TestDevice translated = it.translated(AdapterProperties.standard());
        for (DmaDevice device : List.of(it.software(DmaAddressing.PHYSICAL), narrow, translated)) {
            assertThatThrownBy(() -> device.mapResource(page.address(0), 8, DmaDirection.TO_DEVICE))
                    .hasMessageContaining("EINVAL")
                    .hasMessageContaining("is ordinary memory, no device's");
        }
        assertThatThrownBy(
                        () ->
                                narrow.mapResource(
                                        it.bridge.windowStart(), 8, DmaDirection.TO_DEVICE))
                .hasMessageContaining("beyond the adapter's mask of 0xffffffff");
        assertThatThrownBy(
                        () -> translated.mapResource(strange.address(0), 8, DmaDirection.TO_DEVICE))
                .hasMessageContaining("is memory of 'stranger', which the adapter cannot reach");
        assertThatThrownBy(
                        () ->
                                it.software(DmaAddressing.VIRTUAL)
                                        .mapResource(strange.address(0), 8, DmaDirection.TO_DEVICE))
                .hasMessageContaining("has no kernel virtual address");
    }

    @Test
    @Provokes(value = Finding.DEVICE_USE_AFTER_UNMAP, because = "looks whether the reach has ended")
    void shouldShareCoherentMemoryInOneRunWithEveryKindOfDevice() {
        TestDevice physical = it.software(DmaAddressing.PHYSICAL);
        TestDevice virtual = it.software(DmaAddressing.VIRTUAL);
        TestDevice direct =
                it.direct(AdapterProperties.standard().withLimits(DmaLimits.ofBits(32)));
        TestDevice translated = it.translated(DmaHost.forced());
        share(physical, physical.memory(), AddressSpace.PHYSICAL);
        share(virtual, virtual.memory(), AddressSpace.VIRTUAL);
        share(direct, direct.memory(), AddressSpace.PHYSICAL);
        share(translated, translated.memory(), AddressSpace.IOVA);
        it.assertAllFree();
    }

    private static void share(DmaDevice device, AddressedMemory memory, AddressSpace space) {
        CoherentMemory shared = device.allocateCoherent(3 * PAGE + 5);
        DmaSegment segment = shared.deviceSegment();
        assertThat(segment.space()).isEqualTo(space);
        assertThat(segment.length()).isEqualTo(3 * PAGE + 5);
        RunList runs = new RunList();
        assertThat(memory.resolve(segment.address(), segment.length(), true, runs))
                .isEqualTo(AccessResult.GRANTED);
        runs.setByteAt(3 * PAGE, (byte) 77);
        assertThat(shared.segment().get(ValueLayout.JAVA_BYTE, 3 * PAGE)).isEqualTo((byte) 77);
        assertThat(shared.segment().byteSize()).isEqualTo(3 * PAGE + 5);
        shared.close();
        shared.close();
        assertThat(memory.resolve(segment.address(), 1, true, new RunList()))
                .isIn(AccessResult.NO_MEMORY, AccessResult.NOT_MAPPED);
    }
}
