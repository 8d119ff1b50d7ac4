package org.softverbs.soft.device;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.ExtendedDeviceAttributes;
import org.softverbs.verbs.RdmaDevice;

/// What a device says of itself.
final class DeviceDescription {

    /// 4 KiB and all that is larger, as rxe says (`RXE_PAGE_SIZE_CAP`).
    private static final long PAGE_SIZES = 0xffff_f000L;

    /// None that the IEEE gave to anybody, as rxe says (`RXE_VENDOR_ID`).
    private static final int VENDOR = 0xff_ffff;

    private static final long ALL_BITS = -1;

    private static final long NANOSECONDS_IN_KILOHERTZ = 1_000_000;

    private DeviceDescription() {}

    static DeviceAttributes attributes(
            RdmaDevice device, DeviceLimits limits, DmaAttachment attachment) {
        return new DeviceAttributes(
                "softverbs",
                device.nodeGuid(),
                Long.MAX_VALUE,
                limits.maxQueuePairs(),
                limits.maxQueuePairRequests(),
                limits.maxSge(),
                limits.maxInlineData(),
                limits.maxCompletionQueues(),
                limits.maxCompletionQueueEntries(),
                limits.maxMemoryRegions(),
                limits.maxProtectionDomains(),
                limits.maxReadAtomic(),
                limits.maxReadAtomic(),
                1,
                attachment.device().addressing(),
                limits.maxFastRegistrationPages(),
                limits.maxMemoryWindows(),
                limits.maxSge(),
                0,
                limits.maxAddressHandles(),
                limits.maxSharedReceiveQueues(),
                limits.maxMulticastGroups(),
                limits.maxMulticastAttachments());
    }

    static ExtendedDeviceAttributes extended(RdmaDevice device, DeviceProfile profile) {
        return new ExtendedDeviceAttributes(
                device.nodeGuid(),
                PAGE_SIZES,
                VENDOR,
                0,
                0,
                CompletionQueueFactory.VECTORS,
                ALL_BITS,
                NANOSECONDS_IN_KILOHERTZ,
                SoftCompletionQueue.MOST_MODERATED,
                Duration.of(SoftCompletionQueue.MOST_MODERATED, ChronoUnit.MICROS),
                profile.name());
    }
}
