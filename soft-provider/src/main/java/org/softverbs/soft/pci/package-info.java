/// The PCI hierarchy of a host: host bridges, bridges, functions with their BARs, and what a
/// function can reach of another's memory (peer-to-peer DMA).
///
/// Built once, then only read, by any thread; device-private memory comes and goes, on any thread.
/// Depends on `physical` and the DMA API.
@NullMarked
package org.softverbs.soft.pci;

import org.jspecify.annotations.NullMarked;
