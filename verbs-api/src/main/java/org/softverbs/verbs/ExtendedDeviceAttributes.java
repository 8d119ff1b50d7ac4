package org.softverbs.verbs;

import java.time.Duration;

/// What a device is and can do beyond [DeviceAttributes].
///
/// Verbs name: `ibv_device_attr_ex`, and those fields of `ibv_device_attr` that programs rarely
/// need.
///
/// @param systemImageGuid identifier of the machine's part that the device belongs to
/// @param pageSizeCapability sizes of pages that regions may have, one bit each
/// @param vendorId who made it
/// @param vendorPartId which of their devices it is
/// @param hardwareVersion version of the device
/// @param completionVectors vectors that completion queues are served by (`num_comp_vectors`)
/// @param completionTimestampMask bits of a completion's timestamp that count
/// @param coreClockKilohertz how fast the clock of timestamps ticks (`hca_core_clock`)
/// @param maxModerationCount completions that one event may tell of
/// @param maxModerationPeriod longest time that an event may be held back
/// @param profile which adapter it behaves like where they differ, and in what else; `standard` for
///     none
public record ExtendedDeviceAttributes(
        long systemImageGuid,
        long pageSizeCapability,
        int vendorId,
        int vendorPartId,
        int hardwareVersion,
        int completionVectors,
        long completionTimestampMask,
        long coreClockKilohertz,
        int maxModerationCount,
        Duration maxModerationPeriod,
        String profile) {}
