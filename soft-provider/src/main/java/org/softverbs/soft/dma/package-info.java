/// The DMA layer: gives a device addresses for physical memory, and takes them back.
///
/// A device's owner, or the thread that maps for it, uses it; what is shared is guarded where it
/// is. Depends on `iommu`, `bounce`, `memory`, `packet`, `host`, `pci`, `physical` and the DMA API.
@NullMarked
package org.softverbs.soft.dma;

import org.jspecify.annotations.NullMarked;
