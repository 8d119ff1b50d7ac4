package org.softverbs.sim.dma;

import java.util.SplittableRandom;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaSettings;

/// How a device is attached, drawn from a seed.
public final class DmaChoice {

    private DmaChoice() {}

    /// One of the kinds of devices there are.
    public static DmaSettings draw(SplittableRandom random) {
        DmaAddressing[] kinds = DmaAddressing.values();
        DmaSettings settings = DmaSettings.of(kinds[random.nextInt(kinds.length)]);
        if (!settings.isAdapter()) {
            return settings;
        }
        BouncePolicy policy =
                random.nextInt(3) == 0 ? BouncePolicy.ALWAYS : BouncePolicy.WHERE_NEEDED;
        return new DmaSettings(
                DmaAddressing.IOVA,
                random.nextInt(4) != 0,
                random.nextInt(3) == 0 ? 65_536 : DmaSettings.PAGE,
                policy,
                Long.SIZE);
    }
}
