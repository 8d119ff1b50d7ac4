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
        int maxFastRegistrationPages) {

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
