package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemory;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.RawDma;
import org.softverbs.junit.SoftVerbs;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.packet.RunList;

/// Findings 24 to 26 and 39: what is done to bounce buffers.
@SoftVerbs(iommu = false, bouncing = BouncePolicy.ALWAYS)
class BounceFindingsTest {

    private static final long LENGTH = 1000;

    private final RawDma dma;
    private final DmaAttachment attachment;
    private final Sanitizer sanitizer;
    private final PhysicalAllocation page;

    BounceFindingsTest(DmaAttachment attachment, Sanitizer sanitizer, PhysicalMemory memory) {
        this.attachment = attachment;
        this.dma = attachment.device().raw();
        this.sanitizer = sanitizer;
        this.page = memory.allocate(PhysicalMemoryRequest.contiguous(4096));
    }

    private long mapped(DmaDirection direction) {
        long address = dma.mapPage(page.address(0), LENGTH, direction);
        assertThat(dma.mappingError(address)).isFalse();
        return address;
    }

    private void unmap(long address, DmaDirection direction) {
        dma.unmapPage(address, LENGTH, direction);
        assertThat(sanitizer.reports()).isEmpty();
    }

    /// Behind an IOMMU a buffer lies in its granule as the memory does: there are bytes before it.
    @Test
    @SoftVerbs(bouncing = BouncePolicy.ALWAYS)
    void shouldReportBounceBeforeStart() {
        long address = dma.mapPage(page.address(0) + 512, LENGTH, FROM_DEVICE);
        assertThat(dma.mappingError(address)).isFalse();
        dma.syncSingleForCpu(address - 8, 16, FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.BOUNCE_BEFORE_START);
        unmap(address, FROM_DEVICE);
    }

    @Test
    @SoftVerbs(bouncing = BouncePolicy.ALWAYS)
    void shouldNotReportBounceBeforeStart() {
        long address = dma.mapPage(page.address(0) + 512, LENGTH, FROM_DEVICE);
        assertThat(dma.mappingError(address)).isFalse();
        dma.syncSingleForCpu(address, 16, FROM_DEVICE);
        unmap(address, FROM_DEVICE);
    }

    @Test
    void shouldReportBounceOffsetOverflow() {
        long address = mapped(FROM_DEVICE);
        dma.syncRangeForCpu(address, LENGTH + 8, 8, FROM_DEVICE);
        Expect.withMapping(sanitizer, Finding.BOUNCE_OFFSET_OVERFLOW);
        unmap(address, FROM_DEVICE);
    }

    @Test
    void shouldNotReportBounceOffsetOverflow() {
        long address = mapped(FROM_DEVICE);
        dma.syncRangeForCpu(address, LENGTH - 8, 8, FROM_DEVICE);
        unmap(address, FROM_DEVICE);
    }

    @Test
    void shouldReportBounceSizeOverflow() {
        long address = mapped(TO_DEVICE);
        dma.syncSingleForDevice(address, LENGTH + 1, TO_DEVICE);
        Expect.withMapping(sanitizer, Finding.BOUNCE_SIZE_OVERFLOW);
        unmap(address, TO_DEVICE);
    }

    @Test
    void shouldNotReportBounceSizeOverflow() {
        long address = mapped(TO_DEVICE);
        dma.syncSingleForDevice(address, LENGTH, TO_DEVICE);
        unmap(address, TO_DEVICE);
    }

    private byte[] readByDevice(long address, int length) {
        RunList runs = new RunList();
        attachment.memory().resolve(address, length, false, runs);
        byte[] bytes = new byte[length];
        assertThat(runs.copyTo(MemorySegment.ofArray(bytes), 0)).isTrue();
        return bytes;
    }

    /// What the last user of the slot left behind the 1000 bytes, also when it is zero.
    @ParameterizedTest
    @ValueSource(bytes = {7, 0})
    void shouldReportStaleBytes(byte left) {
        page.segment().fill(left);
        long large = dma.mapPage(page.address(0), 2048, TO_DEVICE);
        assertThat(dma.mappingError(large)).isFalse();
        assertThat(readByDevice(large, 2048)[2047]).isEqualTo(left);
        dma.unmapPage(large, 2048, TO_DEVICE);
        long slots = 64L << 20;
        long[] others = fillUpTo(large, slots);
        assertThat(others[1]).isEqualTo(large);
        readByDevice(large, 2048);
        Expect.withMapping(sanitizer, Finding.STALE_BYTES);
        sanitizer.unbindAll();
        sanitizer.clear();
    }

    /// Maps 1000 bytes again and again, until the slot of an address is used once more.
    private long[] fillUpTo(long wanted, long most) {
        long count = 0;
        long address = mapped(TO_DEVICE);
        while (address != wanted && count < most / 2048) {
            dma.unmapPage(address, LENGTH, TO_DEVICE);
            address = mapped(TO_DEVICE);
            count++;
        }
        return new long[] {count, address};
    }

    /// Bytes that nobody had are no one's: the device only goes too far.
    @Test
    void shouldNotReportStaleBytesOfASlotThatIsNew() {
        long address = mapped(TO_DEVICE);
        readByDevice(address, 2048);
        Expect.withMapping(sanitizer, Finding.DEVICE_OUTSIDE_MAPPING);
        unmap(address, TO_DEVICE);
    }

    @Test
    void shouldNotReportStaleBytes() {
        page.segment().fill((byte) 7);
        long address = mapped(TO_DEVICE);
        assertThat(readByDevice(address, (int) LENGTH)[(int) LENGTH - 1]).isEqualTo((byte) 7);
        unmap(address, TO_DEVICE);
    }
}
