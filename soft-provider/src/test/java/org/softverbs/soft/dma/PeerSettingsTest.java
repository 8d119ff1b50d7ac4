package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.pci.BarLookup;
import org.softverbs.verbs.VerbsException;

/// What a device is told about memory of other devices.
class PeerSettingsTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();

    /// More BARs than eight bits tell apart.
    @ParameterizedTest
    @EnumSource(BarLookup.class)
    void shouldFindEveryBarByIntervalsByPerfectHashAndByPointer(BarLookup lookup) {
        DmaSettings settings =
                DmaSettings.of(DmaAddressing.IOVA)
                        .withPeers(PeerSettings.standard().withLookup(lookup));
        DmaAttachment attachment = DmaAttachment.of(settings, it.host, it.adapter);
        List<PhysicalAllocation> bars = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            bars.add((i % 2 == 0 ? it.busPeer : it.stranger).addBar(PAGE));
        }
        for (int i = 0; i < bars.size(); i++) {
            PhysicalAllocation bar = bars.get(i);
            if (i % 2 == 0) {
                try (DmaMapping mapping = attachment.device().map(bar, DmaDirection.TO_DEVICE)) {
                    assertThat(mapping.segments())
                            .containsExactly(
                                    new DmaSegment(
                                            AddressSpace.BUS,
                                            bar.address(0) + DmaHost.BUS_OFFSET,
                                            PAGE));
                }
            } else {
                assertThatThrownBy(() -> attachment.device().map(bar, DmaDirection.TO_DEVICE))
                        .isInstanceOf(VerbsException.class)
                        .hasMessageContaining("'stranger'");
            }
        }
        PhysicalAllocation late = it.busPeer.addBar(PAGE);
        try (DmaMapping mapping = attachment.device().map(late, DmaDirection.TO_DEVICE)) {
            assertThat(mapping.segments().getFirst().space()).isEqualTo(AddressSpace.BUS);
        }
    }

    @Test
    void shouldBounceAPeerThatCannotBeReachedWhenTheSettingsSaySo() {
        DmaSettings settings =
                DmaSettings.of(DmaAddressing.IOVA)
                        .withPeers(PeerSettings.standard().withBounces(true));
        DmaAttachment attachment = DmaAttachment.of(settings, it.host, it.adapter);
        PhysicalAllocation bar = it.stranger.addBar(PAGE);
        DmaHost.fill(bar.segment(), 3);
        try (DmaMapping mapping = attachment.device().map(bar, DmaDirection.BIDIRECTIONAL)) {
            assertThat(DmaHost.read(attachment.memory(), mapping)).isEqualTo(it.bytes(bar));
            DmaHost.write(attachment.memory(), mapping, new byte[(int) PAGE]);
        }
        assertThat(it.bytes(bar)).containsOnly((byte) 0);
        assertThat(attachment.device().statistics().bouncedBytes()).isEqualTo(PAGE);
    }
}
