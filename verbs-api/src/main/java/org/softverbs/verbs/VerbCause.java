package org.softverbs.verbs;

import java.util.List;

/// About a verb that was refused: one kind of [Cause].
public sealed interface VerbCause extends Cause {

    /// A verb was refused for what was asked.
    record VerbRefused(String verb, Errno errno, String reason) implements VerbCause {

        @Override
        public String sentence() {
            return "%s: %s (%s)".formatted(verb, reason, errno);
        }

        @Override
        public String hint() {
            return "";
        }
    }

    /// Something cannot be closed before what was made from it.
    ///
    /// @param what what was to be closed
    /// @param users what must be closed before it
    record StillInUse(String what, List<String> users) implements VerbCause {

        public StillInUse {
            users = List.copyOf(users);
        }

        @Override
        public String sentence() {
            return "%s is still used by %s".formatted(what, String.join(", ", users));
        }

        @Override
        public String hint() {
            return "close in the opposite order of making: queue pairs, then windows and regions,"
                    + " completion queues, channels, the domain, the device";
        }
    }

    /// Events of a completion queue were taken and not acknowledged.
    record EventsNotAcknowledged(String what, int events) implements VerbCause {

        @Override
        public String sentence() {
            return "%d events of %s were taken from its channel and not acknowledged"
                    .formatted(events, what);
        }

        @Override
        public String hint() {
            return "call acknowledgeEvents for each event that awaitEvent gave";
        }
    }

    /// A send queue is full.
    ///
    /// @param queuePair number of the queue pair
    /// @param capacity requests that it holds
    /// @param unsignaled how many of those under way have no completion
    record SendQueueFull(int queuePair, int capacity, int unsignaled) implements VerbCause {

        @Override
        public String sentence() {
            return "all %d requests of the send queue of queue pair 0x%x are under way, %d of them"
                            .formatted(capacity, queuePair, unsignaled)
                    + " unsignaled";
        }

        @Override
        public String hint() {
            return unsignaled < capacity
                    ? "take completions and post no more than the queue holds"
                    : "no completion will tell when there is room: signal a request now and then,"
                            + " and post no more than the queue holds before it completes";
        }
    }

    /// A verb needs another state of the queue pair.
    record WrongState(int queuePair, QueuePairState state, String needed) implements VerbCause {

        @Override
        public String sentence() {
            return "queue pair 0x%x is in state %s, and %s is needed"
                    .formatted(queuePair, state, needed);
        }

        @Override
        public String hint() {
            return "a connection goes from RESET to INIT, RTR, RTS; sends are taken from RTS on,"
                    + " receives from INIT on";
        }
    }

    /// A value is beyond a limit.
    record LimitExceeded(String field, long value, long limit) implements VerbCause {

        @Override
        public String sentence() {
            return "%d exceeds %s %d".formatted(value, field, limit);
        }

        @Override
        public String hint() {
            return "ask for more of " + field + " when it is made, or use less";
        }
    }
}
