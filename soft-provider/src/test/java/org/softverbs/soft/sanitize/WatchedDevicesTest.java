package org.softverbs.soft.sanitize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;

/// Devices that come and go.
class WatchedDevicesTest {

    private static final int PAGE = 4096;

    private final Host host = new Host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
    private final DmaSanitizer sanitizer = host.sanitize();

    private DmaAttachment attach() {
        return DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host);
    }

    private DmaMapping map(DmaAttachment attachment) {
        return attachment
                .device()
                .map(
                        host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE)),
                        DmaDirection.TO_DEVICE);
    }

    @Test
    void shouldForgetADeviceThatWentAway() {
        for (int i = 0; i < 100; i++) {
            DmaAttachment attachment = attach();
            map(attachment).close();
            sanitizer.unbind(attachment.device());
            attachment.close();
        }
        assertThat(sanitizer.ledgers()).isEmpty();
        assertThat(sanitizer.reports()).isEmpty();
    }

    @Test
    void shouldReportOnceWhatADeviceLeftMappedThatWentAway() {
        DmaAttachment attachment = attach();
        DmaMapping mapping = map(attachment);
        attachment.close();
        attachment.close();
        sanitizer.unbindAll();
        assertThat(sanitizer.reports())
                .extracting(Report::finding)
                .containsExactly(Finding.LEFT_MAPPED);
        assertThat(sanitizer.liveMappings()).isZero();
        mapping.close();
        assertThat(sanitizer.reports()).hasSize(1);
    }

    /// Reports tell devices apart by their numbers.
    @Test
    void shouldNotGiveTheNameOfADeviceThatWentAwayToAnother() {
        attach().close();
        DmaAttachment second = attach();
        map(second);
        sanitizer.unbindAll();
        assertThat(sanitizer.reports().getFirst().detail()).startsWith("adapter 2:");
    }
}
