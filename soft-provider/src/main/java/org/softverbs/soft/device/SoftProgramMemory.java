package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.host.Host;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ProgramMemory;
import org.softverbs.verbs.VerbsException;

/// A place in the address space of the host.
final class SoftProgramMemory extends Resource implements ProgramMemory {

    private static final String MAP = "mapMemory";

    private final SoftDevice device;
    private final Children devices;
    private final Host host;
    private final MemorySegment segment;
    private final long address;

    /// @param devices the children of the device
    /// @throws VerbsException `EINVAL` for a segment that the device cannot use
    SoftProgramMemory(SoftDevice device, Children devices, MemorySegment segment) {
        if (!segment.scope().isAlive() || !segment.isAccessibleBy(device.anyOtherThread())) {
            throw new VerbsException(
                    Errno.EINVAL, MAP, "the segment's arena is closed or confined to one thread");
        }
        this.device = device;
        this.devices = devices;
        this.host = device.host();
        this.segment = segment;
        devices.add(this);
        this.address = host.mapUser(segment);
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        if (markClosed()) {
            device.owner()
                    .run(
                            () -> {
                                host.unmapUser(address);
                                // Packets under way may still point into it.
                                device.engine().link().detach();
                            });
            devices.remove(this);
        }
    }

    @Override
    public String toString() {
        return "program memory at 0x" + Long.toHexString(address);
    }
}
