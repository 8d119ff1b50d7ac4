package org.softverbs.soft.physical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.soft.packet.RunList;
import org.softverbs.verbs.VerbsException;

/// Pages are where they are said to be, and nothing is where nothing was allocated.
class SparsePhysicalMemoryTest {

    private static final long PAGE = 4096;

    private final SparsePhysicalMemory memory = new SparsePhysicalMemory();
    private final RunList runs = new RunList();

    @Test
    void shouldGiveContiguousMemoryAsOneRange() {
        PhysicalAllocation allocation =
                memory.allocate(PhysicalMemoryRequest.contiguous(3 * PAGE + 5));
        assertThat(allocation.count()).isEqualTo(1);
        assertThat(allocation.address(0) % PAGE).isZero();
        assertThat(allocation.length(0)).isEqualTo(3 * PAGE + 5);
        assertThat(allocation.segment().byteSize()).isEqualTo(3 * PAGE + 5);
    }

    @Test
    void shouldScatterPagesSoThatNoTwoAreNeighbours() {
        PhysicalAllocation allocation =
                memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE + 7));
        assertThat(allocation.count()).isEqualTo(3);
        assertThat(allocation.length(2)).isEqualTo(7);
        assertThat(allocation.address(1)).isGreaterThan(allocation.address(0) + PAGE);
        assertThat(memory.isMemory(allocation.address(0), PAGE)).isTrue();
        assertThat(memory.isMemory(allocation.address(0), PAGE + 1)).isFalse();
    }

    @Test
    void shouldShowScatteredPagesSideBySideInTheirView() {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        allocation.segment().set(ValueLayout.JAVA_BYTE, PAGE + 3, (byte) 42);
        assertThat(memory.resolve(allocation.address(1) + 3, 1, runs)).isTrue();
        assertThat(runs.byteAt(0)).isEqualTo((byte) 42);
    }

    @Test
    void shouldReachAllOfALastPage() {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.contiguous(1));
        assertThat(memory.isMemory(allocation.address(0), PAGE)).isTrue();
        assertThat(memory.isMemory(allocation.address(0), PAGE + 1)).isFalse();
    }

    @Test
    void shouldNeverMakeNeighboursOfTwoAllocations() {
        PhysicalAllocation one = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        PhysicalAllocation two = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        assertThat(two.address(0)).isGreaterThan(one.address(0) + PAGE);
    }

    @Test
    void shouldGiveTheSameAddressesInEveryRun() {
        PhysicalAllocation here = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        PhysicalAllocation there =
                new SparsePhysicalMemory().allocate(PhysicalMemoryRequest.contiguous(PAGE));
        assertThat(there.address(0)).isEqualTo(here.address(0));
    }

    @Test
    void shouldKeepEveryByteBelowTheLimit() {
        long limit = 1L << 32;
        PhysicalAllocation allocation =
                memory.allocate(PhysicalMemoryRequest.contiguous(PAGE).withBelow(limit));
        assertThat(allocation.address(0) + PAGE).isLessThanOrEqualTo(limit);
    }

    @Test
    void shouldAlignLargePages() {
        PhysicalMemoryRequest large =
                PhysicalMemoryRequest.scattered(3L << 30).withPageSize(PageSize.SIZE_1G);
        PhysicalAllocation allocation = memory.allocate(large);
        assertThat(allocation.count()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(allocation.address(i) % (1L << 30)).isZero();
        }
    }

    @Test
    void shouldRefuseMoreThanAZoneHolds() {
        PhysicalMemoryRequest tooMuch = PhysicalMemoryRequest.contiguous(1L << 41);
        assertThatThrownBy(() -> memory.allocate(tooMuch))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("length 2199023255552 finds no room")
                .hasMessageContaining("ENOMEM");
    }

    @Test
    void shouldUseAddressesAgainWhenTheZoneIsFull() {
        // Three of these fill what lies below 3 GiB.
        PhysicalMemoryRequest third =
                PhysicalMemoryRequest.contiguous((1L << 30) - (2L << 20)).withBelow(1L << 32);
        PhysicalAllocation first = memory.allocate(third);
        memory.allocate(third);
        memory.allocate(third);
        assertThatThrownBy(() -> memory.allocate(third)).isInstanceOf(VerbsException.class);
        long address = first.address(0);
        first.close();
        assertThat(memory.allocate(third).address(0)).isEqualTo(address);
    }

    @Test
    void shouldForgetWhatWasGivenBackAndLeaveItsViews() {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        MemorySegment view = allocation.segment();
        allocation.close();
        allocation.close();
        assertThat(memory.isMemory(allocation.address(0), 1)).isFalse();
        view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
    }

    @Test
    void shouldLeaveHighMemoryOutOfTheLinearMap() {
        PhysicalAllocation low = memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        PhysicalAllocation high =
                memory.allocate(PhysicalMemoryRequest.contiguous(PAGE).withFlag(PageFlag.HIGHMEM));
        long virtual = memory.kernelAddress(low.address(0) + 5);
        assertThat(LinearMap.contains(virtual)).isTrue();
        assertThat(LinearMap.physical(virtual)).isEqualTo(low.address(0) + 5);
        assertThat(memory.flags(high.address(0))).containsExactly(PageFlag.HIGHMEM);
        assertThatThrownBy(() -> memory.kernelAddress(high.address(0)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("not in the kernel's linear map");
    }

    @Test
    void shouldRefuseAddressesOfOtherSpaces() {
        memory.allocate(PhysicalMemoryRequest.contiguous(PAGE));
        for (long address : new long[] {0, -1, 0x7000_0000_0000L, LinearMap.virtual(1L << 32)}) {
            assertThat(memory.isMemory(address, 1)).isFalse();
            assertThat(memory.resolve(address, 1, runs)).isFalse();
            assertThatThrownBy(() -> memory.flags(address))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("there is no memory at physical address");
        }
        assertThat(runs.count()).isZero();
    }

    @Test
    void shouldSayWhereAPartLies() {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.scattered(2 * PAGE));
        assertThat(allocation.range(PAGE + 1, 10))
                .isEqualTo(new PhysicalRange(allocation.address(1) + 1, 10));
        assertThatThrownBy(() -> allocation.range(PAGE - 1, 2))
                .hasMessageContaining("pages that are not neighbours");
        assertThatThrownBy(() -> allocation.range(2 * PAGE, 1))
                .hasMessageContaining("not within the 8192 bytes");
    }

    @Test
    void shouldFindEveryByteAfterManyAllocationsAndReturns() {
        long seed = 20_261_120;
        SplittableRandom random = new SplittableRandom(seed);
        List<PhysicalAllocation> live = new ArrayList<>();
        for (int step = 0; step < 3000; step++) {
            if (!live.isEmpty() && random.nextInt(3) == 0) {
                PhysicalAllocation gone = live.remove(random.nextInt(live.size()));
                gone.close();
                assertThat(memory.isMemory(gone.address(0), 1)).as("seed %d", seed).isFalse();
                continue;
            }
            long length = random.nextLong(1, 5 * PAGE);
            PhysicalMemoryRequest request =
                    random.nextBoolean()
                            ? PhysicalMemoryRequest.contiguous(length)
                            : PhysicalMemoryRequest.scattered(length);
            PhysicalAllocation allocation = memory.allocate(request);
            long at = random.nextLong(length);
            allocation.segment().set(ValueLayout.JAVA_BYTE, at, (byte) step);
            runs.clear();
            assertThat(memory.resolve(allocation.range(at, 1).address(), 1, runs))
                    .as("seed %d", seed)
                    .isTrue();
            assertThat(runs.byteAt(0)).as("seed %d", seed).isEqualTo((byte) step);
            live.add(allocation);
        }
    }
}
