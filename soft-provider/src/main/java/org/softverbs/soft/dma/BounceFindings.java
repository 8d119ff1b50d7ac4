package org.softverbs.soft.dma;

import java.util.Optional;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.bounce.BounceCheck;

/// What the sanitizer calls what a bounce pool finds.
final class BounceFindings {

    private BounceFindings() {}

    static Optional<Finding> of(BounceCheck check) {
        return switch (check) {
            case BEFORE_MAPPING -> Optional.of(Finding.BOUNCE_BEFORE_START);
            case OFFSET_OVERFLOW -> Optional.of(Finding.BOUNCE_OFFSET_OVERFLOW);
            case SIZE_OVERFLOW -> Optional.of(Finding.BOUNCE_SIZE_OVERFLOW);
            // What is not mapped, or whose memory went, is found by the ledger.
            case OK, NOT_MAPPED, NOT_THE_START, MEMORY_GONE -> Optional.empty();
        };
    }
}
