/// What kernel code builds requests with: elements from memory that is mapped for the device
/// ([SgeBuilder]), mappings that end with the completion ([UnmapRing]), and RDMA READs and WRITEs
/// of any memory ([ReadWriteContext]), with or without registrations.
///
/// An object is used by one thread at a time. Depends on `verbs` and `dma`.
///
/// Kernel names: `rdma/rw.h`, `drivers/infiniband/core/rw.c`.
package org.softverbs.rw;
