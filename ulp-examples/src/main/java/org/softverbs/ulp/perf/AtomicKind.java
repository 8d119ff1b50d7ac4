package org.softverbs.ulp.perf;

/// The atomic under test.
enum AtomicKind {
    FETCH_AND_ADD,
    CMP_AND_SWAP
}
