package org.softverbs.sanitized;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.RawDma;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;

/// Part of the run with the sanitizer on, and of no other: fails when it is off there, or when
/// nobody looks at the reports.
class SanitizedRun {

    @Test
    @Provokes(value = Finding.INVALID_ADDRESS, because = "something is to be found")
    void shouldHaveTheSanitizerOn() {
        Host host = Sanitized.host(() -> 0, RandomSource.seeded(new SplittableRandom(1)));
        assertThat(host.sanitizer()).isPresent();
        RawDma dma =
                DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host)
                        .device()
                        .raw();
        dma.unmapPage(RawDma.MAPPING_ERROR, 1, DmaDirection.TO_DEVICE);
        assertThat(host.sanitizer().get().reports()).hasSize(1);
    }

    @AfterAll
    static void shouldHaveLookedAtTheReports() {
        assertThat(Sanitized.testsLookedAt()).isPositive();
    }
}
