package org.softverbs.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.soft.explain.DeviceChoice;
import org.softverbs.soft.explain.DmaReport;
import org.softverbs.soft.explain.MappingApi;
import org.softverbs.soft.explain.SglElement;

/** Tells what became of an I/O to somebody who reads it. */
final class DmaAccount {

    private static final int MOST_LINES = 16;
    private static final String NEXT_LINE = System.lineSeparator() + "           ";

    private final DeviceChoice choice;
    private final MappingApi api;
    private final List<SglElement> elements;
    private final DmaReport report;

    DmaAccount(DeviceChoice choice, MappingApi api, List<SglElement> elements, DmaReport report) {
        this.choice = choice;
        this.api = api;
        this.elements = elements;
        this.report = report;
    }

    /** Prints an account of an I/O that went well. */
    void print(PrintWriter out) {
        report.mapped().ifPresent(mapped -> print(mapped, out));
    }

    private void print(DmaReport.Mapped mapped, PrintWriter out) {
        out.println("device     " + device());
        out.println("mapped by  " + api);
        out.println();
        printElements(out);
        out.println();
        printSegments(mapped.segments(), out);
        out.println();
        printCounts(mapped, out);
        out.println();
        out.printf(
                Locale.ROOT,
                "state %d, %s%n%s%n",
                mapped.outcome().number(),
                OutcomeText.name(mapped.outcome()),
                OutcomeText.sentence(mapped.outcome()));
    }

    private String device() {
        return choice.kind() + ", " + attachment(choice);
    }

    /** How a device is attached to memory. */
    static String attachment(DeviceChoice choice) {
        if (!choice.dma().isAdapter()) {
            return "given "
                    + choice.dma().addressing().name().toLowerCase(Locale.ROOT)
                    + " addresses; the CPU moves its data."
                    + NEXT_LINE
                    + "It has no mask, no bounce buffer and no IOMMU: --mask, --swiotlb, --iommu and"
                    + NEXT_LINE
                    + "--granule change nothing.";
        }
        return "an adapter with a mask of "
                + choice.dma().maskBits()
                + " bits, "
                + (choice.dma().iommu()
                        ? "behind an IOMMU with a granule of " + choice.dma().granule()
                        : "without an IOMMU")
                + NEXT_LINE
                + "bounce buffers "
                + switch (choice.dma().bouncePolicy()) {
                    case OFF -> "off";
                    case WHERE_NEEDED -> "where it cannot reach the memory";
                    case ALWAYS -> "for all memory";
                };
    }

    private void printElements(PrintWriter out) {
        List<PhysicalRange> list = report.list();
        long total = list.stream().mapToLong(PhysicalRange::length).sum();
        out.printf(Locale.ROOT, "the list: %s, %d bytes%n", count(list.size(), "element"), total);
        for (int i = 0; i < Math.min(list.size(), MOST_LINES); i++) {
            out.printf(
                    Locale.ROOT,
                    "  %4d  %-10s physical %#14x  %10d%n",
                    i,
                    elements.get(i).kind().word(),
                    list.get(i).address(),
                    list.get(i).length());
        }
        printRest(list.size(), out);
    }

    private void printSegments(List<DmaSegment> segments, PrintWriter out) {
        out.printf(Locale.ROOT, "the device is given: %s%n", count(segments.size(), "segment"));
        long[] position = {0, 0};
        for (int i = 0; i < Math.min(segments.size(), MOST_LINES); i++) {
            DmaSegment segment = segments.get(i);
            out.printf(
                    Locale.ROOT,
                    "  %4d  %-10s          %#18x  %10d  %s%n",
                    i,
                    segment.space().name().toLowerCase(Locale.ROOT),
                    segment.address(),
                    segment.length(),
                    elementsOf(segment.length(), position));
        }
        printRest(segments.size(), out);
    }

    /**
     * Which elements the next bytes of the list belong to.
     *
     * @param position element and byte in it where they start; moves on
     */
    private String elementsOf(long length, long[] position) {
        long first = position[0];
        long last = first;
        long rest = length;
        while (rest > 0) {
            last = position[0];
            long left = report.list().get((int) last).length() - position[1];
            position[0] += rest >= left ? 1 : 0;
            position[1] = rest >= left ? 0 : position[1] + rest;
            rest -= Math.min(rest, left);
        }
        return first == last ? "element " + first : "elements " + first + " to " + last;
    }

    static void printRest(int size, PrintWriter out) {
        if (size > MOST_LINES) {
            out.printf(Locale.ROOT, "        ... and %d more%n", size - MOST_LINES);
        }
    }

    private void printCounts(DmaReport.Mapped mapped, PrintWriter out) {
        DmaStatistics mapping = report.mapping();
        DmaStatistics unmapping = report.unmapping();
        out.printf(
                Locale.ROOT,
                "mapping    %s of %d bytes, %s, %d bytes bounced%n",
                count(mapping.iovaAllocations(), "IOVA allocation"),
                mapping.iovaBytes(),
                count(mapping.iotlbSyncs(), "IOTLB sync"),
                mapping.bouncedBytes());
        out.printf(
                Locale.ROOT,
                "undoing    %s kept for it, %s, %s%n",
                mapped.storedAddresses() == 1
                        ? "1 address"
                        : mapped.storedAddresses() + " addresses",
                count(unmapping.iovaFrees(), "IOVA free"),
                unmapping.iotlbFlushes() == 1
                        ? "1 IOTLB flush"
                        : unmapping.iotlbFlushes() + " IOTLB flushes");
        out.printf(
                Locale.ROOT,
                "data       %d bytes read and %d written by the device through the segments, all"
                        + " right%n           (the first and last page of each element and each"
                        + " segment)%n",
                report.movedBytes(),
                report.movedBytes());
    }

    static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
