/// The physical memory of a host: pages, zones, and the one map from physical addresses to bytes.
///
/// Any thread may allocate and look up. Depends on `packet` and the DMA API.
@NullMarked
package org.softverbs.soft.physical;

import org.jspecify.annotations.NullMarked;
