package org.softverbs.soft.device;

import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ThreadDomain;

/// A promise of the program that this device makes no use of: it has no locks to do without.
final class SoftThreadDomain extends Resource implements ThreadDomain {

    private final SoftDevice device;
    private final Children devices;
    private final Children children = new Children(this);

    /// @param devices the children of the device
    SoftThreadDomain(SoftDevice device, Children devices) {
        this.device = device;
        this.devices = devices;
        devices.add(this);
    }

    Children children() {
        return children;
    }

    SoftDevice device() {
        return device;
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public void close() {
        if (children.closeIfNone("closeThreadDomain")) {
            markClosed();
            devices.remove(this);
        }
    }

    @Override
    public String toString() {
        return "thread domain";
    }
}
