/// The IOMMU of a host: allocators of I/O virtual addresses, page tables, the IOTLB, and when stale
/// translations are flushed.
///
/// Any thread may allocate, map and translate; each class says what guards it. No clock and no
/// thread of its own: time is an argument, and [org.softverbs.soft.iommu.Cpus] tells which CPU a
/// caller is on. Depends on the DMA API only.
@NullMarked
package org.softverbs.soft.iommu;

import org.jspecify.annotations.NullMarked;
