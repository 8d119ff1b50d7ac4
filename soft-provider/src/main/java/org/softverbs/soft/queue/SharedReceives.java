package org.softverbs.soft.queue;

/// Receives that the queue pairs of a device share. Posters add; the owner of the device takes.
public final class SharedReceives {

    private final int number;
    private final int domain;
    private final boolean privileged;
    private final ReceiveQueue queue;
    private final Runnable onLimit;
    private int limit;

    /// @param number of the shared receive queue
    /// @param domain number of its protection domain
    /// @param privileged whether that is kernel code's
    /// @param queue what it holds
    /// @param onLimit run by the owner when fewer receives than the limit are left
    public SharedReceives(
            int number, int domain, boolean privileged, ReceiveQueue queue, Runnable onLimit) {
        this.number = number;
        this.domain = domain;
        this.privileged = privileged;
        this.queue = queue;
        this.onLimit = onLimit;
    }

    public int number() {
        return number;
    }

    public int domain() {
        return domain;
    }

    /// Whether its domain is kernel code's.
    public boolean isPrivileged() {
        return privileged;
    }

    public ReceiveQueue queue() {
        return queue;
    }

    /// Below how many receives an event tells; 0 for never.
    public int limit() {
        return limit;
    }

    public void limit(int value) {
        limit = value;
    }

    /// Takes the oldest receive out; only when there is one.
    ///
    /// @return its position
    long take(ReceiveWqe into) {
        long position = queue.position();
        into.copyFrom(queue.current());
        queue.finish();
        if (queue.size() < limit) {
            limit = 0;
            onLimit.run();
        }
        return position;
    }
}
