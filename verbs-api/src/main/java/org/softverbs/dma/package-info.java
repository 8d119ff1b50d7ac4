/// Physical memory and DMA mapping, as the kernel-side upper layers see them: which bytes a device
/// is to reach, under which address, and how that is undone.
///
/// Physical addresses, bus addresses and I/O virtual addresses (IOVAs) are those of an emulated
/// host: the same in every run, and never addresses of the JVM.
///
/// Depends on the JDK, JSpecify and the verbs' errors only.
package org.softverbs.dma;
