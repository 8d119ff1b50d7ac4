package org.softverbs.dma;

import java.lang.foreign.MemorySegment;

/// Memory that the CPU and a device share for as long as it is open: each sees at once what the
/// other wrote, without a sync.
///
/// Kernel name: `dma_alloc_coherent`.
public interface CoherentMemory extends AutoCloseable {

    /// The bytes, zeros at first. After [#close] they can still be read here, but are no device's.
    MemorySegment segment();

    /// Where they lie in physical memory.
    long physicalAddress();

    /// Where the device has them: always one run.
    DmaSegment deviceSegment();

    /// Ends the device's reach and gives the memory back. A second time does nothing.
    @Override
    void close();
}
