package org.softverbs.verbs;

import java.util.List;

/// Something a queue pair is asked to do. Requests are immutable and copied when posted.
///
/// Verbs name: `ibv_send_wr`, `ibv_recv_wr` / `ib_send_wr`, `ib_recv_wr`.
public sealed interface WorkRequest permits SendWorkRequest, ReceiveWorkRequest {

    /// The caller's own number, given back in the completion (`wr_id`).
    long id();

    /// Where the data lies, in order.
    List<Sge> elements();
}
