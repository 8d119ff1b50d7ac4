package org.softverbs.sim.rc;

import java.util.Set;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.RetryLimits;

/// What a scenario over reliable connections is about.
///
/// @param name of the scenario
/// @param faults what may go wrong
/// @param wrongRequests one in so many requests is wrong in itself, 0 for none
/// @param connections between each two nodes
/// @param atomics whether most requests are atomics
record RcProfile(
        String name, Set<FaultKind> faults, int wrongRequests, int connections, boolean atomics) {

    /// How often requests may be sent again. A request that fails where it is posted has what was
    /// sent before it sent again, once a millisecond: that is not counted.
    RetryLimits retryLimits(RcSettings settings) {
        RetryLimits asked = RetryLimits.of(settings.retryCount(), settings.rnrRetry());
        if (faults.isEmpty()) {
            // Who gives up on a receiver that is not ready leaves its peer without answers.
            return asked.rnrRetry() == RetryLimits.FOR_EVER ? asked.lossless() : asked;
        }
        if (faults.contains(FaultKind.FORGE)) {
            return asked.hostile();
        }
        boolean failsLocally = wrongRequests != 0 || faults.contains(FaultKind.DEREGISTER);
        return failsLocally ? asked.restless() : asked;
    }

    /// Whether ends lend each other memory by keys that come and go.
    boolean lends() {
        return faults.contains(FaultKind.INVALIDATE);
    }
}
