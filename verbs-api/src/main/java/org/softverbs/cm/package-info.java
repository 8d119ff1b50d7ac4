/// The connection manager: finds the way to a peer, makes and ends connections of queue pairs, and
/// tells queue pair numbers of datagram services. On RoCE it speaks the messages of InfiniBand's
/// communication management, as the Linux connection manager does.
///
/// Every method may be called by any thread. Events are taken from an
/// event channel, by threads that wait for them, or by a listener that the
/// owner of the device calls. Depends on `verbs`.
///
/// Verbs names: `rdma/rdma_cma.h`, `rdma/rdma_verbs.h`, `drivers/infiniband/core/cma.c`.
package org.softverbs.cm;
