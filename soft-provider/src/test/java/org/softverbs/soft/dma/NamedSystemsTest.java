package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.pci.BarInfo;
import org.softverbs.soft.pci.BarInfoIndex;
import org.softverbs.soft.pci.BarLookup;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.verbs.VerbsException;

/// Systems that the threads on `dma_virt_ops`, P2PDMA and the IOMMU name and that no other test has
/// in its name.
class NamedSystemsTest {

    private static final long PAGE = DmaHost.PAGE;
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final DmaHost it = new DmaHost();

    @Test
    @Provokes(value = Finding.OVERLAP, because = "three wrappers map the same page")
    void shouldUndoNothingForTheIbDmaWrappersOfADeviceWithVirtualAddresses() {
        TestDevice device = it.software(DmaAddressing.VIRTUAL);
        PhysicalAllocation page = it.contiguous(PAGE);
        long kernel = LinearMap.virtual(page.address(0));
        try (DmaMapping single = device.mapSingle(kernel, PAGE, BOTH);
                DmaMapping mapped = device.mapPage(page.address(0), PAGE, BOTH);
                DmaMapping sg = device.mapSg(ScatterList.of(page), BOTH);
                CoherentMemory coherent = device.allocateCoherent(PAGE)) {
            for (DmaMapping mapping : new DmaMapping[] {single, mapped, sg}) {
                assertThat(mapping.segments().getFirst().address()).isEqualTo(kernel);
                mapping.syncForCpu();
                mapping.syncForDevice();
            }
            assertThat(LinearMap.contains(coherent.deviceSegment().address())).isTrue();
        }
        assertThat(device.statistics()).isEqualTo(new DmaStatistics(3, 3, 0, 0, 0, 0, 0, 0, 0));
        assertThat(device.limits().maxSegment()).isEqualTo(1L << 31);
    }

    @Test
    void shouldHaveNoP2pSupportForTheIbDmaWrappersOfADeviceWithVirtualAddresses() {
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        assertThatThrownBy(() -> it.software(DmaAddressing.VIRTUAL).map(bar, BOTH))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("a peer's memory");
    }

    @Test
    void shouldLetTheCpuCopyWhatABioNamesByUniformPhysicalAddresses() {
        PhysicalAllocation high = it.withFlag(PageFlag.HIGHMEM, PAGE);
        PhysicalAllocation bar = it.stranger.addBar(PAGE);
        DmaHost.fill(high.segment(), 1);
        DmaHost.fill(bar.segment(), 2);
        ScatterList list = ScatterList.of(high).add(bar.range(0, PAGE));
        BioVector bio = new BioVector(list, 100, PAGE);
        byte[] bytes = it.bytes(bio);
        assertThat(bytes[0]).isEqualTo(high.segment().get(ValueLayout.JAVA_BYTE, 100));
        assertThat(bytes[(int) PAGE - 1]).isEqualTo(bar.segment().get(ValueLayout.JAVA_BYTE, 99));
    }

    @Test
    void shouldLookABarUpTwiceOnceForTheBioAndOnceForTheMap() {
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        for (BarLookup lookup : BarLookup.values()) {
            BarInfoIndex index = lookup.newIndex();
            BarInfo info = new BarInfo(it.busPeer, bar.address(0), PAGE, DmaHost.BUS_OFFSET);
            assertThat(index.add(info)).isTrue();
            long carriedByTheBio = index.token(bar.address(0) + 8);
            assertThat(Long.SIZE - Long.numberOfLeadingZeros(carriedByTheBio))
                    .isBetween(1, index.bits());
            assertThat(index.find(carriedByTheBio, bar.address(0) + 8)).isEqualTo(info);
        }
    }

    @Test
    void shouldKnowSourceAndTargetDeviceAtMapTime() {
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        assertThat(it.host.pci().barAt(BarLookup.POINTERS, bar.address(0)).map(BarInfo::owner))
                .isEqualTo(Optional.of(it.busPeer));
        for (PciFunction client : new PciFunction[] {it.adapter, it.stranger}) {
            AdapterDmaDevice device =
                    new AdapterDmaDevice(
                            it.host, client, AdapterProperties.standard(), Optional.empty());
            if (client.equals(it.adapter)) {
                device.map(bar, BOTH).close();
            } else {
                assertThatThrownBy(() -> device.map(bar, BOTH))
                        .isInstanceOf(VerbsException.class)
                        .hasMessageContaining("'neighbour'");
            }
        }
    }

    @Test
    void shouldMapInGranulesOfTheSmallestPageOfTheIommu() {
        DmaHost coarse = new DmaHost(65_536, FlushPolicy.STRICT);
        TestDevice device = coarse.translated(AdapterProperties.standard());
        try (DmaMapping mapping = device.map(coarse.contiguous(PAGE), BOTH)) {
            assertThat(mapping.length()).isEqualTo(PAGE);
            assertThat(coarse.domain.statistics().bytesMapped()).isEqualTo(65_536);
        }
        coarse.assertAllFree();
    }
}
