/// Buffers that stand in for memory which a device cannot reach or may not see: the CPU copies
/// between the two. SWIOTLB as in Linux, a pool of pages from anywhere, and the domain of VDUSE.
///
/// Any thread may map and unmap; one mapping is its owner's. Depends on `physical`, the run list of
/// `packet` and the DMA API; has no clock and no thread of its own.
@NullMarked
package org.softverbs.soft.bounce;

import org.jspecify.annotations.NullMarked;
