package org.softverbs.soft.device;

import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.XrcDomain;

/// A domain of extended reliable connections as one of its openers sees it.
final class SoftXrcDomain extends Resource implements XrcDomain {

    private final SoftDevice device;
    private final int number;
    private final String name;
    private final Children children = new Children(this);

    /// @param number the same for all that opened the name
    SoftXrcDomain(SoftDevice device, int number, String name) {
        this.device = device;
        this.number = number;
        this.name = name;
    }

    SoftDevice device() {
        return device;
    }

    int number() {
        return number;
    }

    Children children() {
        return children;
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public QueuePair openQueuePair(int queuePairNumber) {
        requireOpen();
        return QueuePairFactory.open(this, queuePairNumber);
    }

    @Override
    public void close() {
        if (children.closeIfNone("closeXrcDomain")) {
            markClosed();
            device.closed(this);
        }
    }

    @Override
    public String toString() {
        return "XRC domain " + (name.isEmpty() ? String.valueOf(number) : name);
    }
}
