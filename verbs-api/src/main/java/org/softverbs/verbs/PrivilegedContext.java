package org.softverbs.verbs;

import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.sanitizer.Sanitizer;

/// A device as kernel code has it: with the host's physical memory, with DMA mappings, and with
/// protection domains that hold the local DMA key.
///
/// Verbs name: `ib_device`.
public interface PrivilegedContext extends DeviceContext {

    /// The physical memory of the host that the device is in.
    PhysicalMemory physicalMemory();

    /// Makes memory reachable for the device.
    DmaDevice dma();

    /// The sanitizer of the device's host, when it is on.
    Optional<Sanitizer> sanitizer();

    @Override
    PrivilegedDomain allocateProtectionDomain();

    /// Makes a protection domain with properties of its own.
    ///
    /// @throws VerbsException `ENOMEM` at the device's limit
    PrivilegedDomain allocateProtectionDomain(Set<ProtectionDomainFlag> flags);
}
