package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;
import static org.softverbs.dma.DmaDirection.FROM_DEVICE;
import static org.softverbs.dma.DmaDirection.TO_DEVICE;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.RawCoherent;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;

/// The DMA layer by addresses, without a sanitizer.
class AddressDmaTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();
    private final TestDevice device = it.translated(AdapterProperties.standard());
    private final RawDma raw = device.raw();
    private final PhysicalAllocation page = it.contiguous(PAGE);

    private AccessResult access(long address, boolean write) {
        return device.memory().resolve(address, PAGE, write, new RunList());
    }

    @Test
    @Provokes(value = Finding.DEVICE_USE_AFTER_UNMAP, because = "looks whether the reach has ended")
    void shouldMapAndUnmapByAddress() {
        long address = raw.mapPage(page.address(0), PAGE, TO_DEVICE);
        assertThat(raw.mappingError(address)).isFalse();
        assertThat(access(address, false)).isEqualTo(AccessResult.GRANTED);
        raw.unmapPage(address, PAGE, TO_DEVICE);
        assertThat(access(address, false)).isEqualTo(AccessResult.NOT_MAPPED);
        it.assertAllFree();
    }

    @Test
    @Provokes(value = Finding.INVALID_KERNEL_ADDRESS, because = "it is refused")
    void shouldGiveAnErrorForWhatCannotBeMapped() {
        assertThat(raw.mappingError(raw.mapPage(1L << 39, PAGE, TO_DEVICE))).isTrue();
        assertThat(raw.mappingError(raw.mapPage(-1, PAGE, TO_DEVICE))).isTrue();
        assertThat(raw.mappingError(raw.mapSingle(4096, PAGE, TO_DEVICE))).isTrue();
        assertThat(raw.mapSg(new ScatterList(), TO_DEVICE)).isEmpty();
    }

    /// A wrong call harms nobody.
    @Test
    @Provokes(
            value = {
                Finding.INVALID_ADDRESS,
                Finding.NOT_MAPPED,
                Finding.WRONG_SIZE,
                Finding.SYNC_NOT_MAPPED,
                Finding.ERROR_NOT_CHECKED
            },
            because = "wrong calls do nothing")
    void shouldDoNothingForAnAddressThatIsNotMapped() {
        long address = raw.mapPage(page.address(0), PAGE, TO_DEVICE);
        raw.unmapPage(RawDma.MAPPING_ERROR, PAGE, TO_DEVICE);
        raw.unmapPage(address + 8, PAGE, TO_DEVICE);
        raw.syncSingleForCpu(RawDma.MAPPING_ERROR, 8, FROM_DEVICE);
        raw.freeCoherent(PAGE, 0, 12);
        raw.unmapSg(List.of(), 3, TO_DEVICE);
        raw.destroy(new IovaState(), PAGE);
        assertThat(access(address, false)).isEqualTo(AccessResult.GRANTED);
        raw.unmapPage(address, 1, FROM_DEVICE);
        raw.unmapPage(address, 1, FROM_DEVICE);
        it.assertAllFree();
    }

    @Test
    @Provokes(
            value = Finding.CPU_WHILE_DEVICE_OWNS,
            because = "tells the device of a part of what was written")
    void shouldSyncBouncedBytesByAddress() {
        TestDevice bouncing = it.direct(DmaHost.forced());
        long address = bouncing.raw().mapPage(page.address(0), PAGE, TO_DEVICE);
        assertThat(bouncing.raw().mappingError(address)).isFalse();
        DmaHost.fill(page.segment(), 3);
        bouncing.raw().syncRangeForDevice(address, 100, 50, TO_DEVICE);
        RunList runs = new RunList();
        assertThat(bouncing.memory().resolve(address, PAGE, false, runs))
                .isEqualTo(AccessResult.GRANTED);
        byte[] bytes = it.bytes(page);
        assertThat(runs.byteAt(99)).isZero();
        assertThat(runs.byteAt(100)).isEqualTo(bytes[100]);
        assertThat(runs.byteAt(149)).isEqualTo(bytes[149]);
        assertThat(runs.byteAt(150)).isZero();
        bouncing.raw().unmapPage(address, PAGE, TO_DEVICE);
        it.assertAllFree();
    }

    static Stream<AdapterProperties> bouncing() {
        return Stream.of(DmaHost.forced(), DmaHost.untrusted());
    }

    private static RunList reach(TestDevice device, long address, long length, boolean write) {
        RunList runs = new RunList();
        assertThat(device.memory().resolve(address, length, write, runs))
                .isEqualTo(AccessResult.GRANTED);
        return runs;
    }

    /// What is one run for the device lies in several buffers, or partly in none.
    @ParameterizedTest
    @MethodSource("bouncing")
    void shouldSyncEachBufferOfAList(AdapterProperties properties) {
        TestDevice bounced = it.translated(properties);
        PhysicalAllocation pages = it.scattered(4 * PAGE);
        ScatterList list =
                new ScatterList()
                        .add(pages.range(100, PAGE - 100))
                        .add(pages.range(PAGE, PAGE))
                        .add(pages.range(2 * PAGE, PAGE))
                        .add(pages.range(3 * PAGE, 77));
        List<DmaSegment> segments = bounced.raw().mapSg(list, BIDIRECTIONAL);
        assertThat(segments).as("one run for the device").hasSize(1);
        int length = (int) list.total();
        long address = segments.getFirst().address();
        byte[] bytes = DmaHost.pattern(length, 3);
        DmaHost.copy(bytes, reach(bounced, address, length, true));
        bounced.raw().syncSgForCpu(segments, list.count(), BIDIRECTIONAL);
        assertThat(it.bytes(list)).isEqualTo(bytes);
        bytes = DmaHost.pattern(length, 4);
        DmaHost.copy(bytes, it.runs(list));
        bounced.raw().syncSgForDevice(segments, list.count(), BIDIRECTIONAL);
        assertThat(DmaHost.copy(reach(bounced, address, length, false))).isEqualTo(bytes);
        bounced.raw().unmapSg(segments, list.count(), BIDIRECTIONAL);
        it.assertAllFree();
    }

    @ParameterizedTest
    @MethodSource("bouncing")
    void shouldSyncHeadAndTailAndAnyPartOfARun(AdapterProperties properties) {
        TestDevice bounced = it.translated(properties);
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        int length = (int) (2 * PAGE + 300);
        long address = bounced.raw().mapPage(memory.address(0) + 100, length, FROM_DEVICE);
        assertThat(bounced.raw().mappingError(address)).isFalse();
        byte[] bytes = DmaHost.pattern(length, 5);
        DmaHost.copy(bytes, reach(bounced, address, length, true));
        bounced.raw().syncSingleForCpu(address + 10, PAGE, FROM_DEVICE);
        assertThat(it.bytes(memory.part(110, PAGE)))
                .isEqualTo(Arrays.copyOfRange(bytes, 10, (int) PAGE + 10));
        bounced.raw().syncSingleForCpu(address, length, FROM_DEVICE);
        assertThat(it.bytes(memory.part(100, length))).isEqualTo(bytes);
        bounced.raw().unmapPage(address, length, FROM_DEVICE);
        it.assertAllFree();
    }

    /// Mappings of one page have the same address on a direct map: the youngest goes first.
    @Test
    @Provokes(value = Finding.OVERLAP, because = "a page is mapped twice", perhaps = true)
    void shouldKeepMappingsOfOneAddressApart() {
        TestDevice direct = it.direct(AdapterProperties.standard());
        PhysicalAllocation pages = it.contiguous(2 * PAGE);
        long first = direct.raw().mapPage(pages.address(0), PAGE, TO_DEVICE);
        long second = direct.raw().mapPage(pages.address(0), 2 * PAGE, TO_DEVICE);
        assertThat(second).isEqualTo(first);
        assertThat(direct.raw().mappingError(second)).isFalse();
        direct.raw().unmapPage(second, 2 * PAGE, TO_DEVICE);
        assertThat(direct.statistics().unmaps()).isEqualTo(1);
        direct.raw().unmapPage(first, PAGE, TO_DEVICE);
        assertThat(direct.statistics().unmaps()).isEqualTo(2);
    }

    @Test
    @Provokes(value = Finding.DEVICE_USE_AFTER_UNMAP, because = "looks whether the reach has ended")
    void shouldShareCoherentMemoryByAddress() {
        RawCoherent shared = raw.allocateCoherent(PAGE).orElseThrow();
        assertThat(access(shared.address(), true)).isEqualTo(AccessResult.GRANTED);
        raw.freeCoherent(PAGE, shared.kernelAddress(), shared.address());
        assertThat(access(shared.address(), true)).isEqualTo(AccessResult.NOT_MAPPED);
        List<DmaSegment> segments = raw.mapSg(ScatterList.of(page), FROM_DEVICE);
        raw.unmapSg(segments, 1, FROM_DEVICE);
        it.assertAllFree();
    }

    @Test
    void shouldLinkInTwoSteps() {
        PhysicalAllocation other = it.contiguous(PAGE);
        IovaState state = new IovaState();
        assertThat(raw.tryAllocate(state, page.address(0) + 256, 2 * PAGE - 256)).isTrue();
        raw.link(state, page.address(0) + 256, 0, PAGE - 256, TO_DEVICE);
        assertThatThrownBy(() -> raw.link(state, other.address(0) + 8, PAGE - 256, 8, TO_DEVICE))
                .hasMessageContaining("EIO");
        raw.link(state, other.address(0), PAGE - 256, PAGE, TO_DEVICE);
        raw.sync(state, 0, 2 * PAGE - 256);
        assertThat(access(state.address(), false)).isEqualTo(AccessResult.GRANTED);
        raw.destroy(state, 2 * PAGE - 256);
        assertThat(state.isAllocated()).isFalse();
        it.assertAllFree();
    }

    @Test
    void shouldHaveNoTwoStepsWithoutAnIommuOrWhereItMayBounce() {
        IovaState state = new IovaState();
        for (RawDma other :
                List.of(
                        it.direct(AdapterProperties.standard()).raw(),
                        it.translated(DmaHost.forced()).raw())) {
            assertThat(other.tryAllocate(state, page.address(0), PAGE)).isFalse();
            assertThatThrownBy(() -> other.link(state, page.address(0), 0, PAGE, TO_DEVICE))
                    .hasMessageContaining("EINVAL");
        }
    }
}
