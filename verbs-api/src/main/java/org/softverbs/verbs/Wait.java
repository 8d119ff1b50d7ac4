package org.softverbs.verbs;

/// What a queue pair waits for before it goes on.
public sealed interface Wait {

    /// What it is, in one plain sentence without a full stop.
    String sentence();

    /// Packets are on their way that the peer has not acknowledged.
    ///
    /// @param peer the other end
    /// @param psn PSN of the oldest of them
    /// @param forNanos since the last progress
    /// @param retries how often it was sent again since then
    /// @param allowed how often it may be
    /// @param everAnswered whether the peer ever acknowledged anything of this connection; else it
    ///     may not be in RTR yet
    /// @param localPath what this side's own end of the path is like
    record Acknowledgement(
            Peer peer,
            int psn,
            long forNanos,
            int retries,
            int allowed,
            boolean everAnswered,
            LocalPath localPath)
            implements Wait {

        @Override
        public String sentence() {
            return "the acknowledgement of PSN %d by %s, for %d us, %d of %d retries done%s"
                    .formatted(
                            psn,
                            peer,
                            forNanos / 1000,
                            retries,
                            allowed,
                            everAnswered || localPath != LocalPath.SOUND
                                    ? localPath.clause()
                                    : "; it never answered: is it in RTR, and is the address its"
                                            + " own?");
        }
    }

    /// The peer had no receive and asked to wait.
    ///
    /// @param peer the other end
    /// @param psn PSN of the packet that needs a receive
    /// @param moreNanos until it is sent again
    /// @param retries how often it was sent again since the last progress
    /// @param allowed how often it may be; 7 for ever
    record ReceiverNotReady(Peer peer, int psn, long moreNanos, int retries, int allowed)
            implements Wait {

        @Override
        public String sentence() {
            return "a receive at %s for PSN %d, to be sent again in %d us, %d of %s retries done"
                    .formatted(
                            peer,
                            psn,
                            moreNanos / 1000,
                            retries,
                            allowed == 7 ? "any number of" : String.valueOf(allowed));
        }
    }

    /// A READ or atomic waits for one before it: so many may be outstanding.
    ///
    /// @param id work request number of the one that waits
    /// @param outstanding READs and atomics that are
    /// @param limit `maxReadAtomic`: with 0 it waits for ever
    record ReadCredit(long id, int outstanding, int limit) implements Wait {

        @Override
        public String sentence() {
            return "room for READ or atomic %d: %d are outstanding and maxReadAtomic is %d"
                    .formatted(id, outstanding, limit);
        }
    }

    /// A request waits for those before it: it is fenced, or ends a key that they may use.
    ///
    /// @param id work request number of the one that waits
    record EarlierRequests(long id) implements Wait {

        @Override
        public String sentence() {
            return "the end of the requests before fenced request " + id;
        }
    }

    /// The peer sent a message and found no receive here.
    ///
    /// @param peer the other end
    /// @param psn PSN of the packet that needs a receive
    record Receive(Peer peer, int psn) implements Wait {

        @Override
        public String sentence() {
            return "its program to post a receive for PSN %d of %s".formatted(psn, peer);
        }
    }

    /// Requests are posted that its state does not let begin.
    ///
    /// @param state the state
    /// @param requests how many
    record StateChange(QueuePairState state, int requests) implements Wait {

        @Override
        public String sentence() {
            return "its program to move it to another state than %s: %d requests are posted"
                    .formatted(state, requests);
        }
    }

    /// The link takes no more packets now.
    record LinkRoom() implements Wait {

        @Override
        public String sentence() {
            return "room in the link";
        }
    }
}
