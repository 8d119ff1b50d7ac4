package org.softverbs.soft.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.IoOutcome;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.bounce.DiscontiguousPool;
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.bounce.SwiotlbSettings;
import org.softverbs.soft.iommu.FlushPolicy;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.VerbsException;

/// Bounce buffers behind an IOMMU: in the one range of IOVA, in granules of their own, and nothing
/// but the mapping's bytes in them.
class BounceBehindIommuTest {

    private static final long PAGE = DmaHost.PAGE;

    private final DmaHost it = new DmaHost();

    private static DmaStatistics once(DmaStatistics done) {
        assertThat(done.iovaAllocations()).isEqualTo(1);
        assertThat(done.iotlbSyncs()).isEqualTo(1);
        return done;
    }

    @Test
    void shouldBounceAnElementIntoTheOneRange() {
        TestDevice device = it.translated(DmaHost.forced());
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaHost.fill(page.segment(), 1);
        DmaMapping mapping = device.map(page.part(0x123, 0x456), DmaDirection.BIDIRECTIONAL);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
        assertThat(mapping.storedAddresses()).isZero();
        DmaSegment segment = mapping.segments().getFirst();
        assertThat(segment.space()).isEqualTo(AddressSpace.IOVA);
        assertThat(segment.address() % PAGE).isEqualTo(0x123);
        assertThat(DmaHost.read(device.memory(), mapping))
                .isEqualTo(it.bytes(page.part(0x123, 0x456)));
        assertThat(once(device.statistics()).bouncedBytes()).isEqualTo(0x456);
        assertThat(it.pool.statistics().slotsUsed()).isEqualTo(2);
        byte[] answer = DmaHost.pattern(0x456, 9);
        DmaHost.write(device.memory(), mapping, answer);
        assertThat(it.bytes(page.part(0x123, 0x456))).isNotEqualTo(answer);
        mapping.close();
        assertThat(it.bytes(page.part(0x123, 0x456))).isEqualTo(answer);
        it.assertAllFree();
    }

    @Test
    void shouldCopyOnSync() {
        TestDevice device = it.translated(DmaHost.forced());
        PhysicalAllocation page = it.contiguous(PAGE);
        try (DmaMapping mapping = device.map(page, DmaDirection.BIDIRECTIONAL)) {
            byte[] answer = DmaHost.pattern((int) PAGE, 3);
            DmaHost.write(device.memory(), mapping, answer);
            mapping.syncForCpu();
            assertThat(it.bytes(page)).isEqualTo(answer);
            DmaHost.fill(page.segment(), 4);
            mapping.syncForDevice();
            assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(page));
        }
    }

    /// What a bounce buffer held before is nobody's business.
    @Test
    @Provokes(value = Finding.DEVICE_OUTSIDE_MAPPING, because = "looks at the padding")
    void shouldShowZerosAroundTheBytesOfABuffer() {
        TestDevice device = it.translated(DmaHost.forced());
        it.pool.memory().segment().fill((byte) 0x5a);
        PhysicalAllocation page = it.contiguous(2 * PAGE);
        page.segment().fill((byte) 7);
        DmaMapping mapping = device.map(page.part(PAGE - 10, 0x300), DmaDirection.TO_DEVICE);
        long granule = mapping.segments().getFirst().address() & -PAGE;
        RunList runs = new RunList();
        assertThat(device.memory().resolve(granule, 2 * PAGE, false, runs))
                .isEqualTo(AccessResult.GRANTED);
        for (int i = 0; i < 2 * PAGE; i++) {
            boolean isMapped = i >= PAGE - 10 && i < PAGE - 10 + 0x300;
            assertThat(runs.byteAt(i)).isEqualTo((byte) (isMapped ? 7 : 0));
        }
        assertThat(device.memory().resolve(granule - 1, 1, false, runs))
                .isEqualTo(AccessResult.NOT_MAPPED);
        assertThat(device.memory().resolve(granule + 2 * PAGE, 1, false, runs))
                .isEqualTo(AccessResult.NOT_MAPPED);
    }

    @Test
    void shouldBouncePrivateMemoryOnlyAndAllocateOnce() {
        TestDevice device = it.translated(AdapterProperties.standard());
        PhysicalAllocation open = it.scattered(2 * PAGE);
        PhysicalAllocation secret = it.withFlag(PageFlag.PRIVATE, PAGE);
        DmaHost.fill(secret.segment(), 1);
        ScatterList list =
                new ScatterList()
                        .add(open.range(0, PAGE))
                        .add(secret.range(0, PAGE))
                        .add(open.range(PAGE, PAGE));
        DmaMapping mapping = device.mapSg(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
        assertThat(mapping.segments()).hasSize(1);
        assertThat(once(device.statistics()).bouncedBytes()).isEqualTo(PAGE);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        mapping.close();
        it.assertAllFree();
    }

    @Test
    void shouldRememberEachElementWhenSeveralAreBounced() {
        TestDevice device = it.translated(DmaHost.forced());
        PhysicalAllocation pages = it.scattered(3 * PAGE);
        DmaHost.fill(pages.segment(), 2);
        DmaMapping mapping = device.map(pages, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SEVERAL);
        assertThat(mapping.storedAddresses()).isEqualTo(3);
        assertThat(mapping.segments()).hasSize(1);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(pages));
        mapping.close();
        it.assertAllFree();
    }

    /// `iova_link_bounce`: the head and the tail stand in buffers, the middle is the memory itself.
    @Test
    void shouldBounceHeadAndTailOfAnUntrustedElementOnly() {
        TestDevice device = it.translated(DmaHost.untrusted());
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        DmaHost.fill(memory.segment(), 5);
        PhysicalVector part = memory.part(0x100, 3 * PAGE);
        DmaMapping mapping = device.map(part, DmaDirection.BIDIRECTIONAL);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
        assertThat(mapping.segments()).hasSize(1);
        assertThat(once(device.statistics()).bouncedBytes()).isEqualTo(PAGE - 0x100 + 0x100);
        long iova = mapping.segments().getFirst().address();
        assertThat(iova % PAGE).isEqualTo(0x100);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(part));
        RunList middle = new RunList();
        assertThat(device.memory().resolve(iova - 0x100 + PAGE, 2 * PAGE, true, middle))
                .isEqualTo(AccessResult.GRANTED);
        middle.setByteAt(0, (byte) 99);
        assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, PAGE)).isEqualTo((byte) 99);
        byte[] answer = DmaHost.pattern((int) (3 * PAGE), 6);
        DmaHost.write(device.memory(), mapping, answer);
        mapping.close();
        assertThat(it.bytes(part)).isEqualTo(answer);
        it.assertAllFree();
    }

    @Test
    void shouldMapWholeGranulesOfAnUntrustedAdapterDirectly() {
        TestDevice device = it.translated(DmaHost.untrusted());
        DmaMapping mapping = device.map(it.scattered(4 * PAGE), DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.IOVA_SINGLE);
        assertThat(it.pool.statistics().mappings()).isZero();
    }

    @Test
    void shouldBounceAnElementInsideOneGranuleOnce() {
        TestDevice device = it.translated(DmaHost.untrusted());
        PhysicalAllocation page = it.contiguous(PAGE);
        DmaMapping mapping = device.map(page.part(8, 8), DmaDirection.FROM_DEVICE);
        assertThat(it.pool.statistics().mappings()).isEqualTo(1);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SINGLE);
    }

    /// Neighbours that meet inside a granule do not share it with each other either: the device
    /// might be given one of them back before the other.
    @Test
    void shouldCountAnUntrustedElementOnceWhateverIsBouncedOfIt() {
        TestDevice device = it.translated(DmaHost.untrusted());
        PhysicalAllocation memory = it.contiguous(4 * PAGE);
        DmaHost.fill(memory.segment(), 5);
        ScatterList list =
                new ScatterList()
                        .add(memory.range(0x10, PAGE))
                        .add(memory.range(PAGE + 0x10, PAGE));
        DmaMapping mapping = device.map(list, DmaDirection.TO_DEVICE);
        assertThat(mapping.outcome()).isEqualTo(IoOutcome.BOUNCE_SEVERAL);
        assertThat(mapping.storedAddresses()).isEqualTo(2);
        assertThat(it.pool.statistics().mappings()).isEqualTo(4);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(list));
        mapping.close();
        it.assertAllFree();
    }

    @Test
    void shouldRefuseAPeersMemoryThatSharesAGranuleWithAnUntrustedAdapter() {
        TestDevice device = it.translated(DmaHost.untrusted());
        PhysicalAllocation bar = it.bridgePeer.addBar(4 * PAGE);
        assertThatThrownBy(() -> device.map(bar.part(8, 8), DmaDirection.TO_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("EREMOTEIO")
                .hasMessageContaining("does not fill its granules, and cannot be bounced");
        assertThat(device.map(bar, DmaDirection.TO_DEVICE).outcome())
                .isEqualTo(IoOutcome.IOVA_SINGLE);
    }

    @Test
    void shouldUndoEverythingWhenThereIsNoBufferLeft() {
        TestDevice device = it.translated(DmaHost.forced());
        PhysicalAllocation pages = it.scattered(2 * PAGE);
        PhysicalAllocation large = it.contiguous(300 << 10);
        ScatterList list = ScatterList.of(pages).add(large.range(0, 300 << 10));
        assertThatThrownBy(() -> device.map(list, DmaDirection.FROM_DEVICE))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("element 2")
                .hasMessageContaining("TOO_LARGE")
                .hasMessageContaining("ENOMEM");
        assertThat(device.statistics().maps()).isZero();
        assertThat(it.pool.statistics().bytesCopiedOut()).isZero();
        it.assertAllFree();
    }

    @Test
    void shouldSayThatThereIsNoPool() {
        TestDevice device = it.translated(DmaHost.forced(), Optional.empty());
        PhysicalAllocation page = it.contiguous(PAGE);
        assertThatThrownBy(() -> device.map(page, DmaDirection.FROM_DEVICE))
                .hasMessageContaining(
                        "is to be bounced, as all memory is, and there is no bounce buffer");
        it.assertAllFree();
    }

    /// A buffer that is itself private helps no adapter.
    @Test
    @Provokes(value = Finding.PRIVATE_EXPOSED, because = "it is refused")
    void shouldNotGiveAPrivateBufferToAnAdapterThatCannotReachIt() {
        SwiotlbPool encrypted =
                new SwiotlbPool(
                        it.host.physicalMemory(),
                        SwiotlbSettings.defaults(1).withBytes(1 << 20).withDecrypted(false));
        TestDevice device = it.translated(AdapterProperties.standard(), Optional.of(encrypted));
        PhysicalAllocation secret = it.withFlag(PageFlag.PRIVATE, PAGE);
        assertThatThrownBy(() -> device.map(secret, DmaDirection.FROM_DEVICE))
                .hasMessageContaining("there is no bounce buffer that it reaches");
        assertThat(encrypted.statistics().slotsUsed()).isZero();
        it.assertAllFree();
    }

    /// Under a lazy flush policy too, the device must not reach a buffer that is another's by now.
    @Test
    @Provokes(value = Finding.DEVICE_USE_AFTER_UNMAP, because = "looks whether the reach has ended")
    void shouldEndTheReachBeforeABufferIsGivenBackWhateverTheFlushPolicy() {
        DmaHost lazy = new DmaHost(PAGE, FlushPolicy.LAZY);
        TestDevice device = lazy.translated(DmaHost.forced());
        DmaMapping mapping = device.map(lazy.contiguous(PAGE), DmaDirection.TO_DEVICE);
        DmaHost.read(device.memory(), mapping);
        long iova = mapping.segments().getFirst().address();
        mapping.close();
        assertThat(device.memory().resolve(iova, 1, false, new RunList()))
                .isEqualTo(AccessResult.NOT_MAPPED);
    }

    @Test
    void shouldPutScatteredBouncePagesSideBySide() {
        DiscontiguousPool pages =
                new DiscontiguousPool(
                        it.host.physicalMemory(), 1 << 20, PhysicalMemoryRequest.ANYWHERE);
        TestDevice device = it.translated(DmaHost.forced(), Optional.of(pages));
        PhysicalAllocation memory = it.contiguous(8 * PAGE);
        DmaHost.fill(memory.segment(), 1);
        PhysicalVector part = memory.part(0x333, 5 * PAGE);
        DmaMapping mapping = device.map(part, DmaDirection.TO_DEVICE);
        assertThat(mapping.segments()).hasSize(1);
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(it.bytes(part));
        mapping.close();
        assertThat(pages.statistics().slotsUsed()).isZero();
        it.assertAllFree();
    }

    @Test
    void shouldKeepTheOffsetWithinALargeGranule() {
        DmaHost large = new DmaHost(64 << 10, FlushPolicy.STRICT);
        TestDevice device = large.translated(DmaHost.forced());
        PhysicalAllocation memory = large.contiguous(128 << 10);
        DmaHost.fill(memory.segment(), 1);
        PhysicalVector part = memory.part(40_000, 50_000);
        DmaMapping mapping = device.map(part, DmaDirection.TO_DEVICE);
        assertThat(mapping.segments().getFirst().address() % (64 << 10))
                .isEqualTo(part.address(0) % (64 << 10));
        assertThat(DmaHost.read(device.memory(), mapping)).isEqualTo(large.bytes(part));
        mapping.close();
        large.assertAllFree();
    }
}
