/// The machine that devices belong to: its clock, its random source, its address space, its
/// physical memory and its PCI hierarchy.
///
/// Depends on `physical` and `pci`. [Host] is safe to use from any thread.
@NullMarked
package org.softverbs.soft.host;

import org.jspecify.annotations.NullMarked;
