package org.softverbs.soft.device;

import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomainFlag;
import org.softverbs.verbs.RdmaDevice;

/// A device as kernel code has it.
public final class SoftPrivilegedDevice extends SoftDevice implements PrivilegedContext {

    private SoftPrivilegedDevice(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DeviceProfile profile,
            DmaAttachment attachment) {
        super(device, host, link, owner, limits, profile, attachment);
    }

    /// Opens a device over a link, as [SoftDevice#open].
    ///
    /// @param attachment how it reaches the host's memory
    public static SoftPrivilegedDevice openPrivileged(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DmaAttachment attachment) {
        return openPrivileged(
                device, host, link, owner, limits, DeviceProfile.standard(), attachment);
    }

    /// Opens a device over a link, as [SoftDevice#open].
    ///
    /// @param profile what it does otherwise than others
    /// @param attachment how it reaches the host's memory
    public static SoftPrivilegedDevice openPrivileged(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DeviceProfile profile,
            DmaAttachment attachment) {
        SoftPrivilegedDevice opened =
                new SoftPrivilegedDevice(device, host, link, owner, limits, profile, attachment);
        opened.start();
        return opened;
    }

    @Override
    public Optional<Sanitizer> sanitizer() {
        return host().sanitizer().map(Sanitizer.class::cast);
    }

    @Override
    public PhysicalMemory physicalMemory() {
        return host().physicalMemory();
    }

    @Override
    public DmaDevice dma() {
        return attachment().device();
    }

    @Override
    public PrivilegedDomain allocateProtectionDomain() {
        return allocateProtectionDomain(Set.of());
    }

    @Override
    public PrivilegedDomain allocateProtectionDomain(Set<ProtectionDomainFlag> flags) {
        return allocate(
                number ->
                        new SoftPrivilegedDomain(
                                this,
                                number,
                                flags.contains(ProtectionDomainFlag.UNSAFE_GLOBAL_RKEY)));
    }
}
