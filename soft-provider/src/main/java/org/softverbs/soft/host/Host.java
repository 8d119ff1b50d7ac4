package org.softverbs.soft.host;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.softverbs.soft.pci.DevicePagemaps;
import org.softverbs.soft.pci.PciTopology;
import org.softverbs.soft.physical.KernelSpace;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.soft.sanitize.DmaSanitizer;

/// A machine: clock, random source, the address space of its CPU, physical memory and a PCI
/// hierarchy. Devices belong to a host and take all of them from it, so that a simulated host gives
/// a simulated device.
///
/// Addresses are the host's own, not those of the JVM: they start at a fixed point and grow by
/// whole pages, so that two runs give the same ones and an address of one space is none of another.
public final class Host {

    /// Size of a page in bytes.
    public static final long PAGE = 4096;

    private static final long FIRST_USER_ADDRESS = 0x7000_0000_0000L;

    private final Clock clock;
    private final RandomSource random;
    private final SparsePhysicalMemory physicalMemory = new SparsePhysicalMemory();
    private final KernelSpace kernelSpace = new KernelSpace(physicalMemory);
    private final PciTopology pci = new PciTopology(physicalMemory);
    private final DevicePagemaps pagemaps = new DevicePagemaps(physicalMemory);
    private final TreeMap<Long, MemorySegment> userMemory = new TreeMap<>();
    private Optional<DmaSanitizer> sanitizer = Optional.empty();
    private volatile AllocationLimit allocationLimit = point -> true;
    private long nextUserAddress = FIRST_USER_ADDRESS;

    /// A machine, with the sanitizer on when [JvmOptions#SANITIZER] says so.
    public Host(Clock clock, RandomSource random) {
        this.clock = clock;
        this.random = random;
        if (JvmOptions.sanitizes()) {
            sanitize();
        }
    }

    /// This JVM's own machine: the system clock and a cryptographic random source.
    public static Host local() {
        return new Host(new SystemClock(), RandomSource.secure());
    }

    public Clock clock() {
        return clock;
    }

    public RandomSource random() {
        return random;
    }

    public SparsePhysicalMemory physicalMemory() {
        return physicalMemory;
    }

    /// Makes what is taken from now on scarce.
    public void limitAllocations(AllocationLimit limit) {
        allocationLimit = limit;
    }

    /// Whether something may be taken now; whoever takes it asks once.
    public boolean allows(AllocationPoint point) {
        return allocationLimit.allows(point);
    }

    /// What the kernel's own addresses are.
    public KernelSpace kernelSpace() {
        return kernelSpace;
    }

    /// Switches the sanitizer on, for devices that are attached from now on.
    ///
    /// @return the sanitizer, the same each time
    public synchronized DmaSanitizer sanitize() {
        DmaSanitizer on = sanitizer.orElseGet(() -> new DmaSanitizer(physicalMemory, kernelSpace));
        sanitizer = Optional.of(on);
        return on;
    }

    /// The sanitizer, when it is on.
    public synchronized Optional<DmaSanitizer> sanitizer() {
        return sanitizer;
    }

    public PciTopology pci() {
        return pci;
    }

    /// Memory that devices keep for themselves.
    public DevicePagemaps pagemaps() {
        return pagemaps;
    }

    /// Gives memory an address in the CPU's address space. The place within a page is that of the
    /// segment, so that alignment is kept.
    public synchronized long mapUser(MemorySegment segment) {
        long address = nextUserAddress + segment.address() % PAGE;
        long end = address + Math.max(segment.byteSize(), 1);
        // A page is left free behind each mapping: running over an end hits nothing.
        nextUserAddress = (end + PAGE - 1) / PAGE * PAGE + PAGE;
        userMemory.put(address, segment);
        return address;
    }

    public synchronized void unmapUser(long address) {
        userMemory.remove(address);
    }

    /// Memory that has an address.
    ///
    /// @param address of the first byte
    /// @param segment the bytes
    public record UserRange(long address, MemorySegment segment) {}

    /// The mapping that a range of the CPU's address space lies in.
    public synchronized Optional<UserRange> userRange(long address, long length) {
        Map.Entry<Long, MemorySegment> entry = userMemory.floorEntry(address);
        if (entry == null) {
            return Optional.empty();
        }
        long offset = address - entry.getKey();
        MemorySegment segment = entry.getValue();
        if (offset > segment.byteSize() || length < 0 || length > segment.byteSize() - offset) {
            return Optional.empty();
        }
        return Optional.of(new UserRange(entry.getKey(), segment));
    }

    /// The bytes at an address of the CPU's address space, when all of them are mapped.
    public Optional<MemorySegment> userBytes(long address, long length) {
        return userRange(address, length)
                .map(range -> range.segment().asSlice(address - range.address(), length));
    }
}
