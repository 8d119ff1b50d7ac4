package org.softverbs.sim.rc;

import java.util.Set;
import org.softverbs.sim.FaultKind;

/// What a scenario over reliable connections is about.
///
/// @param name of the scenario
/// @param faults what may go wrong
/// @param wrongRequests one in so many requests is wrong in itself, 0 for none
/// @param connections between each two nodes
/// @param atomics whether most requests are atomics
record RcProfile(
        String name, Set<FaultKind> faults, int wrongRequests, int connections, boolean atomics) {

    /// Whether ends lend each other memory by keys that come and go.
    boolean lends() {
        return faults.contains(FaultKind.INVALIDATE);
    }
}
