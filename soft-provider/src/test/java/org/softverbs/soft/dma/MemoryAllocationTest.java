package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;

/// What a device reaches costs no allocation. Without the sanitizer, which takes notes.
class MemoryAllocationTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();
    private final RunList runs = new RunList();

    private void reach(AddressedMemory memory, long address, long length) {
        memory.resolve(address, length, false, runs);
    }

    @Test
    void shouldAllocateNothingToReachMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation pages = it.scattered(4 * PAGE);
        PhysicalAllocation bar = it.busPeer.addBar(PAGE);
        ScatterList list = ScatterList.of(pages).add(bar.range(0, PAGE));
        DmaSegment[] segments =
                device.map(list, DmaDirection.TO_DEVICE).segments().toArray(DmaSegment[]::new);
        AddressedMemory behindIommu = device.memory();
        AddressedMemory bus = it.direct(AdapterProperties.standard()).memory();
        AddressedMemory cpu = it.software(DmaAddressing.PHYSICAL).memory();
        long physical = pages.address(0);
        long onBus = segments[1].address();
        long least = Long.MAX_VALUE;
        // A compilation may allocate a little on its own account: one clean round is proof.
        for (int round = 0; round < 50 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                runs.clear();
                reach(behindIommu, segments[0].address(), segments[0].length());
                reach(behindIommu, segments[1].address(), segments[1].length());
                reach(bus, physical, 1);
                reach(bus, onBus, 1);
                reach(cpu, physical, 1);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(runs.count()).isEqualTo(8);
        assertThat(least).isZero();
    }
}
