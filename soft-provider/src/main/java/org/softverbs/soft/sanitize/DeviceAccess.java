package org.softverbs.soft.sanitize;

/// What became of a device's access.
public enum DeviceAccess {
    /// It went ahead.
    GRANTED,
    /// It went ahead because the IOTLB was not flushed.
    GRANTED_BY_STALE_ENTRY,
    /// It was refused as the memory is private.
    PRIVATE,
    /// It was refused for another reason.
    REFUSED
}
