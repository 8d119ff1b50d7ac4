package org.softverbs.dma;

/// The six ways in which an I/O can end up mapped.
///
/// Source: the list of J. Gunthorpe, linux-mm, 6 and 7 March 2024.
public enum IoOutcome {
    /// No IOMMU, nothing bounced: addresses are given on as they are, and nothing is to be undone.
    DIRECT(1),
    /// Behind an IOMMU, and the device sees one segment.
    IOVA_SINGLE(2),
    /// Behind an IOMMU, with peers on the bus in between: IOVAs and bus addresses in one I/O.
    IOVA_WITH_BUS(3),
    /// One element stands in a bounce buffer.
    BOUNCE_SINGLE(4),
    /// Several elements stand in bounce buffers.
    BOUNCE_SEVERAL(5),
    /// Behind an IOMMU, with padding inside that splits what the device sees.
    IOVA_SPLIT(6);

    private final int number;

    IoOutcome(int number) {
        this.number = number;
    }

    /// Its number in the list.
    public int number() {
        return number;
    }

    /// The outcome of an I/O of which so many elements stand in bounce buffers.
    ///
    /// @throws IllegalArgumentException when there is none
    public static IoOutcome ofBounced(int elements) {
        if (elements < 1) {
            throw new IllegalArgumentException("elements " + elements + " is below 1");
        }
        return elements == 1 ? BOUNCE_SINGLE : BOUNCE_SEVERAL;
    }
}
