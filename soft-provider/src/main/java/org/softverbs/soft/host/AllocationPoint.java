package org.softverbs.soft.host;

/// Where something is taken that may be used up.
public enum AllocationPoint {
    PROTECTION_DOMAIN,
    COMPLETION_QUEUE,
    QUEUE_PAIR,
    ADDRESS_HANDLE,
    SHARED_RECEIVE_QUEUE,
    MEMORY_REGION,
    MEMORY_WINDOW,
    IO_VIRTUAL_ADDRESSES,
    BOUNCE_BUFFER
}
