package org.softverbs.soft.device;

/// A device that has nothing to do.
class IdleDevice implements DeviceOwner.Driven {

    @Override
    public int progress(long waitNanos) {
        return 0;
    }

    @Override
    public int progressForPoller() {
        return progress(0);
    }

    @Override
    public void transmitPosted() {}

    @Override
    public boolean hasPosted() {
        return false;
    }

    @Override
    public long nextDeadline() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean hasMoreToSend() {
        return hasPosted();
    }

    @Override
    public void wakeup() {}

    @Override
    public void onThreadDeath(Throwable cause) {
        throw new IllegalStateException(cause);
    }
}
