package org.softverbs.sim.rc;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// A key of an end that is made by a work request and ends by another, and the memory behind it.
interface LentKey {

    /// What the peer may reach while the key is valid.
    MemorySegment memory();

    /// A request that makes the key valid, under a new number.
    SendWorkRequest makeValid(long id, Set<SendFlag> flags);

    /// The newest number.
    int key();

    /// Address of the first byte, in the key's address space.
    long address();

    /// The first byte around the memory that was written, though no key opens it; -1 for none.
    long writtenAround();

    /// Nobody reaches anything by it any more.
    void close();
}
