package org.softverbs.verbs;

/// What a program tells of how it will use memory that is brought in on demand.
///
/// Verbs name: `ibv_advise_mr_advice`.
public enum MemoryAdvice {
    /// It will be read: bring it in.
    PREFETCH,
    /// It will be read and written: bring it in.
    PREFETCH_WRITE,
    /// Make use of what is in memory, and bring in nothing.
    PREFETCH_NO_FAULT
}
