package org.softverbs.soft.bounce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.bounce.BounceFixture.bounced;
import static org.softverbs.soft.bounce.BounceFixture.fill;
import static org.softverbs.soft.bounce.BounceFixture.read;
import static org.softverbs.soft.bounce.BounceFixture.refusal;
import static org.softverbs.soft.bounce.BounceFixture.write;

import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// A program that is a device sees what is meant for it, at the price that Linux pays, and the
/// stale bytes that Linux shows.
class VduseDomainTest {

    private static final int PAGE = VduseDomain.PAGE_BYTES;
    private static final IotlbPermission READ = IotlbPermission.READ_ONLY;
    private static final VduseSettings SMALL = new VduseSettings(1 << 20, (2 << 20) - 1, false);

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final VduseDomain domain = new VduseDomain(memory, SMALL);
    private final PhysicalAllocation original =
            memory.allocate(PhysicalMemoryRequest.contiguous(1 << 20));

    private BounceRequest request(long offset, long size, DmaDirection direction) {
        return BounceRequest.of(original.address(0) + offset, size, direction);
    }

    private long map(long offset, long size, DmaDirection direction) {
        return bounced(domain.map(request(offset, size, direction))).address();
    }

    private byte[] seen(VduseDomain by, long iova, long length) {
        return read(memory, by.translate(iova, length, READ).orElseThrow());
    }

    private byte[] originalBytes(long offset, long length) {
        return original.segment().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void shouldShowTheMemoryFromTheStartOfAPage() {
        fill(original, 1);
        long iova = map(0x345, 10_000, DmaDirection.TO_DEVICE);
        assertThat(iova).as("page 0 is left out, the low bits are lost").isEqualTo(PAGE);
        assertThat(seen(domain, iova, 10_000)).isEqualTo(originalBytes(0x345, 10_000));
    }

    @Test
    void shouldCopyOnceWhatTheDeviceWritesWhereSwiotlbCopiesTwice() {
        SwiotlbDevice swiotlb =
                SwiotlbDevice.likeVduse(memory, SwiotlbSettings.defaults(1).withBytes(2L << 20));
        BounceRequest request = request(0, 50_000, DmaDirection.FROM_DEVICE);
        for (BouncePool pool : new BouncePool[] {domain, swiotlb}) {
            Bounced buffer = bounced(pool.map(request));
            write(memory, buffer.buffer(), new byte[50_000]);
            pool.unmap(buffer.address(), 50_000, DmaDirection.FROM_DEVICE, false);
        }
        assertThat(domain.statistics().bytesCopied()).isEqualTo(50_000);
        assertThat(swiotlb.statistics().bytesCopied()).isEqualTo(100_000);
        assertThat(domain.bouncePages()).as("pages as they are needed").isEqualTo(13);
        assertThat(swiotlb.pools().getFirst().count()).as("one contiguous piece").isEqualTo(1);
    }

    @Test
    void shouldCopyAsTheDirectionSays() {
        long iova = map(0, 100, DmaDirection.TO_DEVICE);
        domain.syncForDevice(iova, 30, DmaDirection.TO_DEVICE);
        domain.syncForCpu(iova, 30, DmaDirection.TO_DEVICE);
        domain.unmap(iova, 100, DmaDirection.TO_DEVICE, false);
        assertThat(domain.statistics().bytesCopiedIn()).isEqualTo(130);
        assertThat(domain.statistics().bytesCopiedOut()).isZero();
        long both = map(0, 100, DmaDirection.BIDIRECTIONAL);
        domain.syncForCpu(both, 7, DmaDirection.BIDIRECTIONAL);
        domain.unmap(both, 100, DmaDirection.BIDIRECTIONAL, false);
        assertThat(domain.statistics().bytesCopiedOut()).isEqualTo(107);
        domain.unmap(map(0, 9, DmaDirection.FROM_DEVICE), 9, DmaDirection.FROM_DEVICE, true);
        assertThat(domain.statistics().bytesCopiedOut()).isEqualTo(107);
    }

    @Test
    void shouldLookUpTheTreeOnceForATranslation() {
        for (int i = 0; i < 20; i++) {
            map((long) i * PAGE, 3 * PAGE, DmaDirection.TO_DEVICE);
        }
        assertThat(domain.iotlb().size()).as("one map for all of the window").isEqualTo(1);
        long before = domain.iotlb().lookups();
        PhysicalVector pages = domain.translate(2 * PAGE, 50 * PAGE, READ).orElseThrow();
        assertThat(pages.count()).isEqualTo(50);
        assertThat(domain.iotlb().lookups()).isEqualTo(before + 1);
        CoherentMapping coherent = domain.allocateCoherent(40 * PAGE);
        assertThat(domain.translate(coherent.iova(), 40 * PAGE, READ)).isPresent();
        assertThat(domain.iotlb().lookups()).isEqualTo(before + 2);
    }

    @Test
    void shouldNeverShrink() {
        long one = map(0, 100_000, DmaDirection.TO_DEVICE);
        domain.unmap(one, 100_000, DmaDirection.TO_DEVICE, false);
        assertThat(domain.bouncePages()).isEqualTo(25);
        domain.unmap(map(0, 5000, DmaDirection.TO_DEVICE), 5000, DmaDirection.TO_DEVICE, false);
        assertThat(domain.bouncePages()).as("used again").isEqualTo(25);
        assertThat(domain.statistics().slotsUsed()).isZero();
        assertThat(domain.statistics().highWaterMark()).isEqualTo(25);
    }

    @Test
    void shouldDiscloseStaleBytesUnlessPaddingIsCleared() {
        VduseDomain clearing = new VduseDomain(memory, SMALL.withClearPadding());
        original.segment().fill((byte) 0x5a);
        for (VduseDomain each : new VduseDomain[] {domain, clearing}) {
            byte stale = (byte) (each == domain ? 0x5a : 0);
            BounceRequest secret = request(0, 2 * PAGE, DmaDirection.TO_DEVICE);
            long iova = bounced(each.map(secret)).address();
            each.unmap(iova, 2 * PAGE, DmaDirection.TO_DEVICE, false);
            BounceRequest small = request(0, PAGE + 10, DmaDirection.TO_DEVICE);
            assertThat(bounced(each.map(small)).address()).isEqualTo(iova);
            assertThat(seen(each, iova + PAGE + 9, 2)).containsExactly((byte) 0x5a, stale);
            each.unmap(iova, PAGE + 10, DmaDirection.TO_DEVICE, false);
            each.map(request(0, 10, DmaDirection.FROM_DEVICE));
            assertThat(seen(each, iova, 1)).as("not copied in").containsExactly(stale);
            assertThat(seen(each, iova + 4095, 1)).containsExactly(stale);
        }
    }

    @Test
    void shouldShareCoherentMemory() {
        CoherentMapping coherent = domain.allocateCoherent(2 * PAGE);
        assertThat(coherent.iova()).as("above the stream window").isEqualTo(1 << 20);
        fill(coherent.memory(), 3);
        assertThat(seen(domain, coherent.iova() + 5, PAGE))
                .isEqualTo(
                        coherent.memory()
                                .segment()
                                .asSlice(5, PAGE)
                                .toArray(ValueLayout.JAVA_BYTE));
        CoherentMapping other = domain.allocateCoherent(1);
        assertThat(other.iova()).isEqualTo((1 << 20) + 2 * PAGE);
        assertThat(domain.statistics().bytesCopied()).isZero();
        assertThat(domain.freeCoherent(coherent.iova())).isTrue();
        assertThat(domain.freeCoherent(coherent.iova())).isFalse();
        assertThat(domain.translate(coherent.iova(), 1, READ)).isEmpty();
        assertThat(memory.isMemory(coherent.memory().address(0), 1)).isFalse();
        assertThatThrownBy(() -> domain.allocateCoherent((1 << 20) + 1))
                .hasMessageContaining("no IOVAs");
    }

    /// One program translates while a driver maps and shares: what it finds is whole.
    @Test
    void shouldLockTheTreeAsIotlbLockDoes() {
        fill(original, 1);
        long fixed = map(0, PAGE, DmaDirection.TO_DEVICE);
        byte[] expected = originalBytes(0, PAGE);
        CompletableFuture<Void> driver =
                CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                long iova = map(PAGE, 3 * PAGE, DmaDirection.TO_DEVICE);
                                CoherentMapping shared = domain.allocateCoherent(PAGE);
                                domain.freeCoherent(shared.iova());
                                domain.unmap(iova, 3 * PAGE, DmaDirection.TO_DEVICE, false);
                            }
                        });
        int looks = 0;
        do {
            assertThat(seen(domain, fixed, PAGE)).isEqualTo(expected);
            looks++;
        } while (!driver.isDone());
        driver.join();
        assertThat(looks).isPositive();
        assertThat(domain.iotlb().size()).isEqualTo(1);
    }

    @Test
    void shouldLeadNowhereWherePagesWereNeverNeeded() {
        assertThat(domain.translate(PAGE, 1, READ)).as("no map").isEmpty();
        map(0, 10, DmaDirection.TO_DEVICE);
        assertThat(domain.translate(PAGE, PAGE, READ)).isPresent();
        assertThat(domain.translate(2 * PAGE, 1, READ)).as("no page").isEmpty();
        domain.resetBounceMap();
        assertThat(domain.translate(PAGE, PAGE, READ)).isEmpty();
    }

    @Test
    void shouldMoveToPagesOfTheUserAndBack() {
        fill(original, 9);
        PhysicalAllocation pages = memory.allocate(PhysicalMemoryRequest.scattered(1 << 20));
        long iova = map(0, 10_000, DmaDirection.TO_DEVICE);
        domain.addUserPages(pages);
        assertThat(domain.bouncePages()).isZero();
        assertThat(domain.translate(iova, 1, READ).orElseThrow().address(0))
                .isEqualTo(pages.address(1));
        assertThat(seen(domain, iova, 10_000)).isEqualTo(originalBytes(0, 10_000));
        assertThatThrownBy(() -> domain.addUserPages(pages)).hasMessageContaining("EBUSY");
        domain.removeUserPages();
        pages.close();
        assertThat(domain.bouncePages()).as("for what is mapped").isEqualTo(3);
        assertThat(seen(domain, iova, 10_000)).isEqualTo(originalBytes(0, 10_000));
        assertThatThrownBy(() -> domain.addUserPages(original.part(0, 4096)))
                .hasMessageContaining("4096 bytes are not the whole pages of 1048576 bytes");
    }

    @Test
    void shouldFindOutWhatADriverDoesWrong() {
        DmaDirection both = DmaDirection.BIDIRECTIONAL;
        long iova = map(0, 5000, both);
        assertThat(domain.syncForCpu(iova + 5001, 1, both)).isEqualTo(BounceCheck.OFFSET_OVERFLOW);
        assertThat(domain.syncForCpu(iova + 4990, 20, both)).isEqualTo(BounceCheck.SIZE_OVERFLOW);
        assertThat(domain.unmap(iova + PAGE, 1, both, false)).isEqualTo(BounceCheck.NOT_THE_START);
        original.close();
        assertThat(domain.unmap(iova, 5000, both, false)).isEqualTo(BounceCheck.MEMORY_GONE);
        assertThat(domain.unmap(iova, 5000, both, false)).isEqualTo(BounceCheck.NOT_MAPPED);
        assertThat(refusal(domain.map(request(0, 1, both)))).isEqualTo(BounceRefusal.NO_MEMORY);
    }

    @Test
    void shouldSayWhenTheWindowIsFull() {
        DmaDirection to = DmaDirection.TO_DEVICE;
        long all = domain.largestMapping(0);
        assertThat(all).isEqualTo(255 * PAGE);
        map(0, all, to);
        assertThat(refusal(domain.map(request(0, 1, to)))).isEqualTo(BounceRefusal.POOL_FULL);
        assertThat(refusal(domain.map(request(0, all + 1, to)))).isEqualTo(BounceRefusal.TOO_LARGE);
        assertThat(refusal(domain.map(request(4, 1, to).withAlignment(7, 0))))
                .isEqualTo(BounceRefusal.ALIGNMENT);
    }

    @Test
    void shouldFitTheWindowsOfLinux() {
        VduseSettings linux = VduseSettings.defaults();
        IovaWindow stream = linux.streamWindow();
        assertThat(stream.allocate(16_384)).isEqualTo(IovaWindow.NONE);
        assertThat(stream.allocate(16_383)).isEqualTo(1);
        IovaWindow consistent = linux.consistentWindow();
        assertThat(consistent.allocate(16_384)).isEqualTo(16_384);
        assertThat(consistent.allocate(1)).isEqualTo(IovaWindow.NONE);
        consistent.free(16_384, 16_384);
        assertThat(consistent.allocate(1)).isEqualTo(16_384);
    }
}
