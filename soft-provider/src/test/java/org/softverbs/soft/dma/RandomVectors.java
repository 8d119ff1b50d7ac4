package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PageVector;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.pci.PciFunction;

/// Memory of many kinds, and random vectors over it in which no byte is twice.
final class RandomVectors {

    private static final long PAGE = DmaHost.PAGE;
    private static final long REGION = 4 * PAGE;

    private final List<PhysicalVector> regions = new ArrayList<>();
    private final PhysicalAllocation scattered;

    /// @param flags what kinds of pages to have beside ordinary ones
    /// @param bars peers whose memory to have
    RandomVectors(DmaHost it, List<PageFlag> flags, List<PciFunction> bars) {
        for (int i = 0; i < 5; i++) {
            regions.add(it.contiguous(REGION));
        }
        flags.forEach(flag -> regions.add(it.withFlag(flag, REGION)));
        bars.forEach(peer -> regions.add(peer.addBar(REGION)));
        scattered = it.scattered(2 * REGION);
    }

    /// Elements from anywhere, some of them neighbours, some at the borders of pages.
    List<PhysicalRange> elements(SplittableRandom random) {
        List<PhysicalRange> elements = new ArrayList<>();
        List<PhysicalVector> left = new ArrayList<>(regions);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            long start = left.remove(random.nextInt(left.size())).address(0);
            long at = position(random, 0);
            long end = position(random, at + 1);
            elements.add(new PhysicalRange(start + at, end - at));
            while (end < REGION - 1 && random.nextInt(3) == 0) {
                at = end + (random.nextBoolean() ? 0 : random.nextLong(REGION - end));
                end = position(random, at + 1);
                elements.add(new PhysicalRange(start + at, end - at));
            }
        }
        return elements;
    }

    /// A place from `from` on, the more often the border of a page.
    private static long position(SplittableRandom random, long from) {
        long at = from == 0 ? random.nextLong(REGION / 2) : random.nextLong(from, REGION + 1);
        long border = from == 0 ? at & -PAGE : (at + PAGE - 1) & -PAGE;
        return random.nextInt(3) > 0 ? border : at;
    }

    /// Pages in any order.
    PageVector pages(SplittableRandom random) {
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < scattered.count(); i++) {
            left.add(scattered.address(i));
        }
        long[] pages = new long[random.nextInt(1, 7)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = left.remove(random.nextInt(left.size()));
        }
        long offset = random.nextBoolean() ? 0 : random.nextLong(PAGE);
        long least = Math.max(1, (pages.length - 1) * PAGE - offset + 1);
        long most = pages.length * PAGE - offset;
        long length = random.nextBoolean() ? most : random.nextLong(least, most + 1);
        return new PageVector(pages, PageSize.SIZE_4K, offset, length);
    }
}
