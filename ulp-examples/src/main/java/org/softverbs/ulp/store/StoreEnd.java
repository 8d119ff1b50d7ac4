package org.softverbs.ulp.store;

/// How patient an end of a connection is with the other that has no receive for a SEND.
enum StoreEnd {
    /// Waits for ever: a target takes more requests when it has places. Asks the target to wait
    /// 163.84 ms before it sends a response again.
    CLIENT(28, 7),

    /// Gives up after six waits of the client's choice, about a second with clients of this
    /// package, 4 s at most: a response that a client does not take keeps memory that the other
    /// clients want. Asks the client to wait 0.64 ms before it sends a request again.
    TARGET(12, 6);

    private final int minRnrTimer;
    private final int rnrRetry;

    StoreEnd(int minRnrTimer, int rnrRetry) {
        this.minRnrTimer = minRnrTimer;
        this.rnrRetry = rnrRetry;
    }

    /// Timer code of the wait that this end asks of the other.
    int minRnrTimer() {
        return minRnrTimer;
    }

    /// How often this end tries again; 7 is for ever.
    int rnrRetry() {
        return rnrRetry;
    }
}
