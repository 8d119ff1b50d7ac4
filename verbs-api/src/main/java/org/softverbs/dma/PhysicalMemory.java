package org.softverbs.dma;

import java.util.Set;
import org.softverbs.verbs.VerbsException;

/// The physical memory of an emulated host: sparse, in pages, with addresses that are the same in
/// every run and belong to no other address space.
///
/// Safe to use from any thread.
public interface PhysicalMemory {

    /// Gives out memory.
    ///
    /// @throws VerbsException `ENOMEM` when no part of the address space that the request allows is
    ///     large enough
    PhysicalAllocation allocate(PhysicalMemoryRequest request);

    /// What is special about the page at an address.
    ///
    /// @throws VerbsException `EFAULT` when there is no memory
    Set<PageFlag> flags(long address);

    /// Where the kernel's linear map has a byte.
    ///
    /// @throws VerbsException `EFAULT` when there is no memory, or it is high memory, which the
    ///     linear map leaves out
    long kernelAddress(long physicalAddress);
}
