package org.softverbs.soft.host;

/// Decides whether something may be taken now. A real host always says yes; a simulated one makes
/// things scarce, to see what callers make of it.
@FunctionalInterface
public interface AllocationLimit {

    /// Asked once for each thing that is taken.
    boolean allows(AllocationPoint point);
}
