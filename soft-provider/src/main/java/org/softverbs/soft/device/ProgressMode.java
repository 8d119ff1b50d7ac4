package org.softverbs.soft.device;

/// Who makes a device go on.
public enum ProgressMode {
    /// The thread that polls a completion queue, inside the poll; when nobody polls for a while, a
    /// thread of the device steps in. Lowest latency.
    POLL,
    /// A thread of the device, which sleeps when there is nothing to do.
    LOOP,
    /// Whoever calls [DeviceOwner#progress]: simulators and tests.
    MANUAL
}
