package org.softverbs.soft.physical;

import java.util.Map;
import java.util.TreeMap;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;

/// The kernel's virtual addresses: besides the linear map those that must not be mapped for DMA.
///
/// Safe to use from any thread. Source: `Documentation/arch/x86/x86_64/mm.rst`, without
/// randomisation.
public final class KernelSpace {

    private static final long VMALLOC_START = 0xffff_c900_0000_0000L;
    private static final long VMALLOC_BYTES = 1L << 45;
    private static final long TEXT_START = 0xffff_ffff_8100_0000L;
    private static final long TEXT_BYTES = 1L << 20;
    private static final long PAGE = 4096;

    private record Area(KernelArea kind, long end) {}

    private final SparsePhysicalMemory memory;

    /// Physical memory that is special, by its first address.
    private final TreeMap<Long, Area> special = new TreeMap<>();

    private long nextVmalloc = VMALLOC_START;
    private long textMemory;

    public KernelSpace(SparsePhysicalMemory memory) {
        this.memory = memory;
    }

    /// Memory of a task's stack, in the linear map.
    ///
    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is none
    public synchronized PhysicalAllocation taskStack(long length) {
        PhysicalAllocation stack = memory.allocate(PhysicalMemoryRequest.contiguous(length));
        special.put(stack.address(0), new Area(KernelArea.STACK, stack.address(0) + length));
        return stack;
    }

    /// The kernel's text, by its address in the linear map.
    public synchronized long textInLinearMap() {
        if (textMemory == 0) {
            textMemory = memory.allocate(PhysicalMemoryRequest.contiguous(TEXT_BYTES)).address(0);
            special.put(textMemory, new Area(KernelArea.TEXT, textMemory + TEXT_BYTES));
        }
        return LinearMap.virtual(textMemory);
    }

    /// The kernel's text where it runs.
    public long text() {
        return TEXT_START;
    }

    /// Gives an allocation an address in the range of `vmalloc`, too.
    public synchronized long vmalloc(PhysicalAllocation allocation) {
        long address = nextVmalloc;
        nextVmalloc += (allocation.total() + PAGE - 1) / PAGE * PAGE + PAGE;
        return address;
    }

    /// What the bytes at an address of the kernel are.
    public KernelArea areaOf(long kernelAddress, long length) {
        if (LinearMap.contains(kernelAddress)) {
            long physical = LinearMap.physical(kernelAddress);
            return memory.isInLinearMap(physical, length)
                    ? areaOfPhysical(physical, length)
                    : KernelArea.INVALID;
        }
        if (Long.compareUnsigned(kernelAddress - VMALLOC_START, VMALLOC_BYTES) < 0) {
            return KernelArea.VMALLOC;
        }
        return Long.compareUnsigned(kernelAddress - TEXT_START, TEXT_BYTES) < 0
                ? KernelArea.TEXT
                : KernelArea.INVALID;
    }

    /// What physical memory is: `STACK`, `TEXT` or `MEMORY`.
    public synchronized KernelArea areaOfPhysical(long physical, long length) {
        Map.Entry<Long, Area> before = special.lowerEntry(physical + length);
        return before != null && before.getValue().end() > physical
                ? before.getValue().kind()
                : KernelArea.MEMORY;
    }
}
