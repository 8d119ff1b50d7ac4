package org.softverbs.verbs;

/// What a device is and how much it holds.
///
/// Verbs name: `ibv_device_attr` / `ib_device_attr`.
///
/// @param firmwareVersion version of the provider
/// @param nodeGuid identifier of the device
/// @param maxMemoryRegionSize bytes of the largest region
/// @param maxQueuePairs queue pairs
/// @param maxQueuePairRequests requests outstanding on one queue
/// @param maxSge elements of one request
/// @param maxInlineData bytes of one inline request
/// @param maxCompletionQueues completion queues
/// @param maxCompletionQueueEntries entries of one completion queue
/// @param maxMemoryRegions memory regions
/// @param maxProtectionDomains protection domains
/// @param maxDestinationReadAtomic READs and atomics that a peer may have outstanding on a queue
///     pair
/// @param maxReadAtomic READs and atomics that a queue pair may have outstanding
/// @param physicalPorts ports
public record DeviceAttributes(
        String firmwareVersion,
        long nodeGuid,
        long maxMemoryRegionSize,
        int maxQueuePairs,
        int maxQueuePairRequests,
        int maxSge,
        int maxInlineData,
        int maxCompletionQueues,
        int maxCompletionQueueEntries,
        int maxMemoryRegions,
        int maxProtectionDomains,
        int maxDestinationReadAtomic,
        int maxReadAtomic,
        int physicalPorts) {}
