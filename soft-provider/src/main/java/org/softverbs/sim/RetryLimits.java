package org.softverbs.sim;

/// How often requests are sent again in vain.
///
/// @param retryCount returns after a timeout or a loss, before `RETRY_EXC_ERR`
/// @param rnrRetry returns after an RNR NAK, before `RNR_RETRY_EXC_ERR`; 7 without end
/// @param mostReturns returns after a timeout or a loss that may be seen without progress
/// @param mostRnrReturns returns after an RNR NAK that may be seen without progress
public record RetryLimits(int retryCount, int rnrRetry, int mostReturns, int mostRnrReturns) {

    /// `rnrRetry` of 7 tries for ever.
    public static final int FOR_EVER = 7;

    private static final int UNLIMITED = Integer.MAX_VALUE;

    /// As many as is asked for.
    ///
    /// @param retryCount returns after a timeout or a loss
    /// @param rnrRetry returns after an RNR NAK, 7 without end
    public static RetryLimits of(int retryCount, int rnrRetry) {
        int most = rnrRetry == FOR_EVER ? UNLIMITED : rnrRetry;
        return new RetryLimits(retryCount, rnrRetry, retryCount, most);
    }

    /// The same, where nothing is lost or late: no return but after an RNR NAK.
    public RetryLimits lossless() {
        return new RetryLimits(retryCount, rnrRetry, 0, mostRnrReturns);
    }

    /// The same, where requests are also sent again for reasons that the peer does not know.
    public RetryLimits restless() {
        return new RetryLimits(retryCount, rnrRetry, UNLIMITED, mostRnrReturns);
    }

    /// The same, where nothing that arrives can be believed.
    public RetryLimits hostile() {
        return new RetryLimits(retryCount, rnrRetry, UNLIMITED, UNLIMITED);
    }
}
