package org.softverbs.verbs;

import java.util.List;

/// A buffer for one incoming SEND, or one immediate of an RDMA WRITE.
///
/// Verbs name: `ibv_recv_wr` / `ib_recv_wr`.
///
/// @param id given back in the completion
/// @param elements where the message is placed, filled in order
public record ReceiveWorkRequest(long id, List<Sge> elements) implements WorkRequest {

    public ReceiveWorkRequest {
        elements = List.copyOf(elements);
    }

    /// A receive into one buffer.
    public ReceiveWorkRequest(long id, Sge element) {
        this(id, List.of(element));
    }
}
