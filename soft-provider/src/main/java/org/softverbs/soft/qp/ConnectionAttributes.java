package org.softverbs.soft.qp;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.Path;

/// What a queue pair was told about its connection. Written by `modify`, read by the engine, both
/// as owner of the device.
public final class ConnectionAttributes {

    private static final long TIMEOUT_UNIT_NANOS = 4096;

    private @Nullable Path path;
    private int destinationQpn;
    private int mtu = 256;
    private int accessBits;
    private int queueKey;
    private int sendPsn;
    private int receivePsn;
    private int timeout;
    private int retryCount;
    private int rnrRetry;
    private int minRnrTimer;
    private int maxReadAtomic;
    private int maxDestinationReadAtomic;

    /// The way to the peer.
    ///
    /// @throws IllegalStateException before RTR
    public Path path() {
        Path value = path;
        if (value == null) {
            throw new IllegalStateException("the queue pair has no path before RTR");
        }
        return value;
    }

    public boolean hasPath() {
        return path != null;
    }

    public ConnectionAttributes path(Path value) {
        path = value;
        return this;
    }

    public int destinationQpn() {
        return destinationQpn;
    }

    public ConnectionAttributes destinationQpn(int value) {
        destinationQpn = value;
        return this;
    }

    /// Path MTU in bytes.
    public int mtu() {
        return mtu;
    }

    public ConnectionAttributes mtu(int value) {
        mtu = value;
        return this;
    }

    /// What the peer may do, as access flag bits.
    public int accessBits() {
        return accessBits;
    }

    public ConnectionAttributes accessBits(int value) {
        accessBits = value;
        return this;
    }

    /// What datagrams to it must carry.
    public int queueKey() {
        return queueKey;
    }

    public ConnectionAttributes queueKey(int value) {
        queueKey = value;
        return this;
    }

    public int sendPsn() {
        return sendPsn;
    }

    public ConnectionAttributes sendPsn(int value) {
        sendPsn = value;
        return this;
    }

    public int receivePsn() {
        return receivePsn;
    }

    public ConnectionAttributes receivePsn(int value) {
        receivePsn = value;
        return this;
    }

    /// The 5-bit timeout code.
    public int timeout() {
        return timeout;
    }

    public ConnectionAttributes timeout(int value) {
        timeout = value;
        return this;
    }

    /// How long to wait for an acknowledgement: 4.096 us x 2^timeout, or `Long.MAX_VALUE` for ever.
    public long timeoutNanos() {
        return timeout == 0 ? Long.MAX_VALUE : TIMEOUT_UNIT_NANOS << timeout;
    }

    public int retryCount() {
        return retryCount;
    }

    public ConnectionAttributes retryCount(int value) {
        retryCount = value;
        return this;
    }

    public int rnrRetry() {
        return rnrRetry;
    }

    public ConnectionAttributes rnrRetry(int value) {
        rnrRetry = value;
        return this;
    }

    public int minRnrTimer() {
        return minRnrTimer;
    }

    public ConnectionAttributes minRnrTimer(int value) {
        minRnrTimer = value;
        return this;
    }

    public int maxReadAtomic() {
        return maxReadAtomic;
    }

    public ConnectionAttributes maxReadAtomic(int value) {
        maxReadAtomic = value;
        return this;
    }

    public int maxDestinationReadAtomic() {
        return maxDestinationReadAtomic;
    }

    public ConnectionAttributes maxDestinationReadAtomic(int value) {
        maxDestinationReadAtomic = value;
        return this;
    }
}
