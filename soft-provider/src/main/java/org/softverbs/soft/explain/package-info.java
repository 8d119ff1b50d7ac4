/// What `softverbs explain` shows: a host built for one I/O, the I/O done on it, and what the
/// layers counted. Holds no rule of its own.
///
/// One thread uses an object. Depends on `dma`, `iommu`, `bounce`, `memory`, `packet`, `host`,
/// `pci` and `physical`.
@NullMarked
package org.softverbs.soft.explain;

import org.jspecify.annotations.NullMarked;
