package org.softverbs.soft.explain;

import java.util.List;
import java.util.Optional;
import org.softverbs.rw.ReadWriteDecision;

/// What became of one RDMA READ or WRITE.
///
/// @param decision how its memory was described, or nothing when it was refused
/// @param segments what the DMA layer made of the memory
/// @param registrations how many it took
/// @param requests what is posted, in order
/// @param movedBytes bytes that were moved and compared; 0 when the requests were only built
/// @param error what went wrong, if anything did
public record RwReport(
        Optional<ReadWriteDecision> decision,
        int segments,
        int registrations,
        List<Request> requests,
        long movedBytes,
        Optional<String> error) {

    /// A work request.
    ///
    /// @param opcode its operation, as the verbs name it
    /// @param sges how many elements it has
    /// @param bytes how many bytes they have
    public record Request(String opcode, int sges, long bytes) {}

    public RwReport {
        requests = List.copyOf(requests);
    }

    /// An I/O that was refused, or that went wrong.
    static RwReport failed(String error) {
        return new RwReport(Optional.empty(), 0, 0, List.of(), 0, Optional.of(error));
    }
}
