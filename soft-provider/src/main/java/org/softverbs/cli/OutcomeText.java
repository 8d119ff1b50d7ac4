package org.softverbs.cli;

import java.util.Locale;
import org.softverbs.dma.IoOutcome;

/** Says in words how an I/O ended up mapped. */
final class OutcomeText {

    private OutcomeText() {}

    static String name(IoOutcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** One sentence for somebody who sees it for the first time. */
    static String sentence(IoOutcome outcome) {
        return switch (outcome) {
            case DIRECT ->
                    "The device uses the addresses as they are; nothing was set up, and nothing has"
                            + " to be undone.";
            case IOVA_SINGLE ->
                    "The IOMMU makes one piece of it: the device sees a single range, and that range"
                            + " is all there is to undo.";
            case IOVA_WITH_BUS ->
                    "A peer's memory is reached straight over the bus, everything else through one"
                            + " range of the IOMMU, so the device gets a list of both.";
            case BOUNCE_SINGLE ->
                    "One element stands in a bounce buffer: the CPU copies its bytes there before the"
                            + " device reads them, and back after it wrote.";
            case BOUNCE_SEVERAL ->
                    "Several elements stand in bounce buffers: the CPU copies all their bytes, and each"
                            + " buffer has to be remembered until the end.";
            case IOVA_SPLIT ->
                    "The IOMMU maps it all, but not in one piece as the device sees it, so it"
                            + " gets several segments.";
        };
    }
}
