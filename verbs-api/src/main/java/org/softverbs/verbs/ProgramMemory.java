package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;

/// Memory of the program that has an address without being registered: what
/// [ProtectionDomain#registerImplicit] opens. Memory that is registered has one anyway.
public interface ProgramMemory extends AutoCloseable {

    /// Address of the first byte in the program's address space; not the address of the segment.
    long address();

    MemorySegment segment();

    /// Takes the address back. Whoever uses it by an implicit region meets an error.
    @Override
    void close();
}
