package org.softverbs.sim;

import static org.softverbs.sim.InvariantViolation.require;

import java.util.ArrayDeque;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;

/// How often the oldest packet that is not acknowledged was sent again, as the wire shows it.
///
/// A *return* is a packet whose PSN is behind that of the packet sent before it. Each use of
/// `retry_cnt` or `rnr_retry` makes the requester return to its oldest packet that is not
/// acknowledged (InfiniBand 9.7.6.1.3), so that there can be no more returns without
/// progress than were asked for. To ask about the newest packet, which did not want to be
/// acknowledged, is no retry.
final class RetryModel {

    /// Numbers whose responses are due: the first of them, and the one behind the last.
    private static final class Due {
        private int next;
        private final int end;

        Due(int next, int end) {
            this.next = next;
            this.end = end;
        }
    }

    private final RetryLimits limits;
    private final ArrayDeque<Due> due = new ArrayDeque<>();
    private boolean started;
    /// Behind the packet that was sent last.
    private int next;
    /// Behind the newest packet.
    private int highest;
    private boolean newestAsked;
    /// The oldest packet that is not acknowledged.
    private int oldest;
    /// What the oldest packet was when one was last sent; no later acknowledgement changes that,
    /// for a queue pair that failed sends nothing more.
    private int counted;
    private int repeats;
    private int returns;
    private int rnrReturns;
    private boolean notReady;
    private int notReadyPsn;
    private int notReadyNaks;
    /// As many came for another packet, since something was sent.
    private int notReadyBefore;

    RetryModel(RetryLimits limits) {
        this.limits = limits;
    }

    /// A request left.
    ///
    /// @param psn its number
    /// @param numbers how many numbers it takes
    /// @param asks whether it wants to be acknowledged
    /// @param answered whether something comes back for each number
    /// @param place from where to where
    void onSent(int psn, int numbers, boolean asks, boolean answered, Place place) {
        if (!started) {
            started = true;
            next = psn;
            highest = psn;
            oldest = psn;
            counted = psn;
        }
        boolean progressed = counted != oldest;
        if (progressed) {
            counted = oldest;
            repeats = 0;
            returns = 0;
            rnrReturns = 0;
        }
        int end = WireModel.plus(psn, numbers);
        if (psn == oldest && psn != highest) {
            repeats++;
            if (WireModel.difference(psn, next) < 0) {
                boolean isProbe = end == highest && !newestAsked;
                onReturn(psn, isProbe || isDecidedBefore(progressed), place);
            }
        }
        notReady = false;
        notReadyBefore = 0;
        next = end;
        if (end == highest) {
            newestAsked = asks;
        } else if (WireModel.difference(end, highest) > 0) {
            if (answered) {
                due.addLast(new Due(WireModel.difference(psn, highest) < 0 ? highest : psn, end));
            }
            newestAsked = asks;
            highest = end;
        }
    }

    /// The first packet after progress may be where a return ends that was decided before it, and
    /// counted then.
    private boolean isDecidedBefore(boolean progressed) {
        return progressed && limits.mostReturns() != 0;
    }

    private void onReturn(int psn, boolean isNoRetry, Place place) {
        if (notReady) {
            rnrReturns++;
            require(
                    rnrReturns <= limits.mostRnrReturns(),
                    "T9",
                    () -> place + ": PSN " + psn + " again after RNR NAK " + rnrReturns);
        } else if (!isNoRetry) {
            returns++;
            require(
                    returns <= limits.mostReturns(),
                    "T2",
                    () -> place + ": PSN " + psn + " was sent again " + returns + " times");
        }
    }

    /// A response arrived.
    ///
    /// @param operation what it is
    /// @param psn its number
    /// @param syndrome of an acknowledgement
    void onAnswer(Operation operation, int psn, int syndrome) {
        boolean isDue =
                started
                        && WireModel.difference(psn, oldest) >= 0
                        && WireModel.difference(psn, highest) < 0;
        if (!isDue) {
            return;
        }
        if (operation != Operation.ACKNOWLEDGE) {
            acknowledge(psn);
            answer(psn);
        } else if (AckSyndrome.isAck(syndrome)) {
            acknowledge(WireModel.plus(psn, 1));
        } else if (!AckSyndrome.isReserved(syndrome)) {
            acknowledge(psn);
            if (AckSyndrome.isRnrNak(syndrome) && oldest == psn) {
                onNotReady(psn);
            }
        }
    }

    /// All packets before a number arrived; but what is due must come itself.
    private void acknowledge(int before) {
        Due first = due.peekFirst();
        int reach =
                first != null && WireModel.difference(first.next, before) < 0 ? first.next : before;
        if (WireModel.difference(reach, oldest) > 0) {
            progress(reach);
        }
    }

    private void answer(int psn) {
        Due first = due.peekFirst();
        if (first != null && first.next == psn) {
            first.next = WireModel.plus(psn, 1);
            if (first.next == first.end) {
                due.removeFirst();
            }
            progress(WireModel.plus(psn, 1));
        }
    }

    private void progress(int reach) {
        oldest = reach;
        notReady = false;
    }

    private void onNotReady(int psn) {
        if (psn != notReadyPsn) {
            notReadyBefore = Math.max(notReadyBefore, notReadyNaks);
            notReadyPsn = psn;
            notReadyNaks = 0;
        }
        notReady = true;
        notReadyNaks++;
    }

    /// Whether the oldest packet was sent again as often as must be before `RETRY_EXC_ERR`.
    boolean mayBeOutOfRetries() {
        return repeats >= limits.retryCount();
    }

    /// Whether as many RNR NAKs came for one packet as must be before `RNR_RETRY_EXC_ERR`.
    boolean mayBeOutOfRnrRetries() {
        return limits.rnrRetry() != RetryLimits.FOR_EVER
                && Math.max(notReadyNaks, notReadyBefore) > limits.rnrRetry();
    }

    @Override
    public String toString() {
        return "PSN "
                + counted
                + " again "
                + repeats
                + " times, "
                + notReadyNaks
                + " RNR NAKs for "
                + notReadyPsn;
    }
}
