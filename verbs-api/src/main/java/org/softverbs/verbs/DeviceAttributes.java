package org.softverbs.verbs;

import org.softverbs.dma.DmaAddressing;

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
/// @param addressing what the address of an element with the local DMA key means
/// @param maxFastRegistrationPages pages of one fast registration
/// @param maxMemoryWindows memory windows
/// @param maxReadSge elements of one RDMA READ (`max_sge_rd`)
/// @param maxReadSegments elements above which data of an RDMA READ is better registered than
///     listed; 0 when never (`max_sgl_rd`)
/// @param maxAddressHandles address handles
/// @param maxSharedReceiveQueues shared receive queues
/// @param maxMulticastGroups multicast groups that queue pairs are attached to (`max_mcast_grp`)
/// @param maxMulticastAttachments queue pairs attached to one group (`max_mcast_qp_attach`)
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
        int physicalPorts,
        DmaAddressing addressing,
        int maxFastRegistrationPages,
        int maxMemoryWindows,
        int maxReadSge,
        int maxReadSegments,
        int maxAddressHandles,
        int maxSharedReceiveQueues,
        int maxMulticastGroups,
        int maxMulticastAttachments) {}
