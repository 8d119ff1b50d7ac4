/// How kernel code takes completions: each request has a handler of its own ([CompletionHandler]),
/// and a context says who polls ([PollContext]): the caller, the loop of a completion vector, or a
/// virtual thread. Queues can be shared ([CompletionQueuePool]) and queue pairs drained
/// ([QueuePairDrainage]).
///
/// A handler is called by one thread at a time for each queue; all else may be called by any
/// thread. Depends on `verbs`.
///
/// Kernel names: `ib_cqe`, `ib_poll_context`, `ib_cq_pool_get`, `ib_drain_qp`
/// (`drivers/infiniband/core/cq.c`).
package org.softverbs.poll;
