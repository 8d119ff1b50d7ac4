package org.softverbs.verbs;

import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaSegment;

/// A fast registration that generates, checks or strips protection information between memory and
/// wire. It is registered and invalidated as any fast region; what it opens is the data as it is on
/// the wire, from address 0 on.
///
/// Verbs name: `ib_mr` of `ib_alloc_mr_integrity`.
public interface SignatureRegion extends FastRegion {

    /// Takes data and, where memory has protection information, its tuples. What is mapped takes
    /// effect with the next registration.
    ///
    /// Verbs name: `ib_map_mr_sg_pi`.
    ///
    /// @param data segments of a mapping of this device: whole blocks
    /// @param tuples segments with 8 bytes for each block; empty when memory has none
    /// @throws VerbsException `EINVAL` when the lengths do not fit each other, `ENOMEM` for more
    ///     pages than the region takes
    void mapProtected(
            List<DmaSegment> data, List<DmaSegment> tuples, SignatureAttributes attributes);

    /// Ends the check, once the completion of the operation has come: of a WRITE what was found
    /// when it was registered; of a READ the tuples that came are checked now, and those of the
    /// memory are
    /// written.
    ///
    /// Verbs name: `ib_check_mr_status`.
    ///
    /// @param arrived whether data came from the wire (a READ)
    /// @return nothing when all tuples are right
    Optional<SignatureError> checkStatus(boolean arrived);
}
