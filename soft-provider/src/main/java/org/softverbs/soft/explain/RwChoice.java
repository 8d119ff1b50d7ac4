package org.softverbs.soft.explain;

import org.softverbs.dma.DmaDirection;
import org.softverbs.rw.VectorKind;

/// An RDMA READ or WRITE to explain.
///
/// @param device what does it
/// @param direction `FROM_DEVICE` for a READ, `TO_DEVICE` for a WRITE
/// @param kind the structure that the memory is kept in
/// @param maxSge elements of one request
/// @param maxSglRead segments above which a READ is better registered; 0 for no limit
/// @param forceRegistration whether every I/O is registered
/// @param registrations how many registrations the pool has
public record RwChoice(
        DeviceChoice device,
        DmaDirection direction,
        VectorKind kind,
        int maxSge,
        int maxSglRead,
        boolean forceRegistration,
        int registrations) {

    /// Most elements of one request.
    public static final int MOST_SGE = 32;

    /// Most registrations of a pool.
    public static final int MOST_REGISTRATIONS = 4096;

    /// @throws IllegalArgumentException for a number out of range, naming it
    public RwChoice {
        require("--max-sge", maxSge, 1, MOST_SGE);
        require("--max-sgl-rd", maxSglRead, 0, Integer.MAX_VALUE);
        require("--mr-pool", registrations, 0, MOST_REGISTRATIONS);
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not within " + least + " and " + most);
        }
    }
}
