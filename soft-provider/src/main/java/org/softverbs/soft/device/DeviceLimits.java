package org.softverbs.soft.device;

/// How much a device holds. Every limit is enforced where the object is made.
///
/// @param maxQueuePairs queue pairs
/// @param maxQueuePairRequests requests outstanding on one queue
/// @param maxSge elements of one request
/// @param maxInlineData bytes of one inline request
/// @param maxCompletionQueues completion queues
/// @param maxCompletionQueueEntries entries of one completion queue
/// @param maxMemoryRegions memory regions
/// @param maxProtectionDomains protection domains
/// @param maxReadAtomic READs and atomics outstanding in either direction of a queue pair
/// @param maxMessage bytes of one message
/// @param maxMemoryWindows memory windows
/// @param maxFastRegistrationPages pages of one fast registration
/// @param maxAddressHandles address handles
/// @param maxSharedReceiveQueues shared receive queues
/// @param maxMulticastGroups multicast groups that queue pairs are attached to
/// @param maxMulticastAttachments queue pairs attached to one multicast group
public record DeviceLimits(
        int maxQueuePairs,
        int maxQueuePairRequests,
        int maxSge,
        int maxInlineData,
        int maxCompletionQueues,
        int maxCompletionQueueEntries,
        int maxMemoryRegions,
        int maxProtectionDomains,
        int maxReadAtomic,
        long maxMessage,
        int maxMemoryWindows,
        int maxFastRegistrationPages,
        int maxAddressHandles,
        int maxSharedReceiveQueues,
        int maxMulticastGroups,
        int maxMulticastAttachments) {

    private static final int MOST_ADDRESS_HANDLES = 1 << 16;
    private static final int MOST_SHARED_RECEIVE_QUEUES = 1 << 16;
    private static final int MOST_MULTICAST_GROUPS = 8192;
    private static final int MOST_MULTICAST_ATTACHMENTS = 56;

    public DeviceLimits {
        require("maxQueuePairs", maxQueuePairs, 0);
        require("maxQueuePairRequests", maxQueuePairRequests, 1);
        require("maxSge", maxSge, 1);
        require("maxInlineData", maxInlineData, 0);
        require("maxCompletionQueues", maxCompletionQueues, 0);
        require("maxCompletionQueueEntries", maxCompletionQueueEntries, 1);
        require("maxMemoryRegions", maxMemoryRegions, 0);
        require("maxProtectionDomains", maxProtectionDomains, 0);
        require("maxReadAtomic", maxReadAtomic, 0);
        require("maxMessage", maxMessage, 0);
        require("maxMemoryWindows", maxMemoryWindows, 0);
        require("maxFastRegistrationPages", maxFastRegistrationPages, 0);
        require("maxAddressHandles", maxAddressHandles, 0);
        require("maxSharedReceiveQueues", maxSharedReceiveQueues, 0);
        require("maxMulticastGroups", maxMulticastGroups, 0);
        require("maxMulticastAttachments", maxMulticastAttachments, 0);
    }

    /// Limits with the usual ones of address handles, shared receive queues and multicast groups.
    public DeviceLimits(
            int maxQueuePairs,
            int maxQueuePairRequests,
            int maxSge,
            int maxInlineData,
            int maxCompletionQueues,
            int maxCompletionQueueEntries,
            int maxMemoryRegions,
            int maxProtectionDomains,
            int maxReadAtomic,
            long maxMessage,
            int maxMemoryWindows,
            int maxFastRegistrationPages) {
        this(
                maxQueuePairs,
                maxQueuePairRequests,
                maxSge,
                maxInlineData,
                maxCompletionQueues,
                maxCompletionQueueEntries,
                maxMemoryRegions,
                maxProtectionDomains,
                maxReadAtomic,
                maxMessage,
                maxMemoryWindows,
                maxFastRegistrationPages,
                MOST_ADDRESS_HANDLES,
                MOST_SHARED_RECEIVE_QUEUES,
                MOST_MULTICAST_GROUPS,
                MOST_MULTICAST_ATTACHMENTS);
    }

    /// The same with other numbers of queue pairs and memory windows.
    DeviceLimits with(int queuePairs, int memoryWindows) {
        return new DeviceLimits(
                queuePairs,
                maxQueuePairRequests,
                maxSge,
                maxInlineData,
                maxCompletionQueues,
                maxCompletionQueueEntries,
                maxMemoryRegions,
                maxProtectionDomains,
                maxReadAtomic,
                maxMessage,
                memoryWindows,
                maxFastRegistrationPages,
                maxAddressHandles,
                maxSharedReceiveQueues,
                maxMulticastGroups,
                maxMulticastAttachments);
    }

    private static void require(String name, long value, long minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " " + value + " is below " + minimum);
        }
    }

    /// The limits of a device that nobody configured.
    public static DeviceLimits standard() {
        return new DeviceLimits(
                65_536, 16_384, 32, 4096, 65_536, 1 << 20, 1 << 20, 32_768, 128, 1L << 31, 1 << 20,
                512);
    }
}
