package org.softverbs.soft.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.packet.RunList;

/// Which segments make one range of whole pages: `ib_sg_to_pages`, by its vectors.
class FastMappingTest {

    private static final int PAGE = 4096;

    private static List<DmaSegment> segments(long... pairs) {
        return IntStream.range(0, pairs.length / 2)
                .mapToObj(
                        i -> new DmaSegment(AddressSpace.PHYSICAL, pairs[2 * i], pairs[2 * i + 1]))
                .toList();
    }

    private static FastMapping map(long offset, int maxPages, long... pairs) {
        return FastMapping.of(segments(pairs), offset, PAGE, maxPages).orElseThrow();
    }

    private static void expect(
            FastMapping mapping, int consumed, long address, long length, Long... pages) {
        assertThat(mapping.consumed()).isEqualTo(consumed);
        assertThat(mapping.address()).isEqualTo(address);
        assertThat(mapping.length()).isEqualTo(length);
        assertThat(mapping.pages()).containsExactly(pages);
    }

    @Test
    void shouldTakeSegmentsThatMeetAtPages() {
        expect(
                map(0, 512, 0x1800, 0x800, 0x2000, 0x1000, 0x5000, 0x400),
                3,
                0x1800,
                0x1c00,
                0x1000L,
                0x2000L,
                0x5000L);
    }

    @Test
    void shouldStopWhenASegmentEndsInsideAPage() {
        expect(map(0, 512, 0x1000, 0x800, 0x3000, 0x1000), 1, 0x1000, 0x800, 0x1000L);
    }

    @Test
    void shouldGoOnInsideAPageWhenAddressesFollowEachOther() {
        expect(map(0, 512, 0x1000, 0x800, 0x1800, 0x800), 2, 0x1000, 0x1000, 0x1000L);
        expect(
                map(0, 512, 0x1000, 0x800, 0x1800, 0x1900, 0x3100, 0x100),
                3,
                0x1000,
                0x2200,
                0x1000L,
                0x2000L,
                0x3000L);
    }

    @Test
    void shouldStopWhenASegmentBeginsInsideAPage() {
        expect(map(0, 512, 0x1000, 0x1000, 0x2800, 0x800), 1, 0x1000, 0x1000, 0x1000L);
    }

    @Test
    void shouldLeaveOutTheOffsetOfTheFirstSegmentOnly() {
        expect(
                map(0x900, 512, 0x1000, 0x1000, 0x4000, 0x1000),
                2,
                0x1900,
                0x1700,
                0x1000L,
                0x4000L);
        expect(map(0x1800, 512, 0x1000, 0x2000), 1, 0x2800, 0x800, 0x2000L);
    }

    @Test
    void shouldTakeKernelVirtualAddresses() {
        long base = 0xffff_8880_0000_0000L;
        expect(
                map(0, 512, base + 0x800, 0x800, base + 0x3000, 0x1000),
                2,
                base + 0x800,
                0x1800,
                base,
                base + 0x3000);
    }

    /// Linux counts up to the start of the last page that fits.
    @Test
    void shouldStopWhenThePagesAreUsedUp() {
        expect(
                map(0, 2, 0x1000, 0x1000, 0x4000, 0x1000, 0x8000, 0x1000),
                2,
                0x1000,
                0x2000,
                0x1000L,
                0x4000L);
        expect(
                map(0, 3, 0x1000, 0x1000, 0x4000, 0x5000),
                1,
                0x1000,
                0x2000,
                0x1000L,
                0x4000L,
                0x5000L);
        assertThat(FastMapping.of(segments(0x1000, 0x2000), 0, PAGE, 1))
                .as("a page of the first only")
                .isEqualTo(Optional.empty());
    }

    /// Random segments, page sizes and ranges: a range of the mapping is the bytes of the segments
    /// in order, whatever memory gives.
    @Test
    void shouldFindTheBytesOfTheSegmentsInOrder() {
        long seed = 20_260_401;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            List<DmaSegment> segments = randomSegments(random);
            long offset = random.nextLong(segments.getFirst().length());
            FastMapping mapping = FastMapping.of(segments, offset, PAGE, 64).orElseThrow();
            List<Long> addresses = addressesOf(segments.subList(0, mapping.consumed()), offset);
            assertThat(mapping.length()).as("seed %s", seed).isEqualTo(addresses.size());
            RecordingMemory memory = new RecordingMemory();
            int from = random.nextInt(addresses.size());
            int length = 1 + random.nextInt(addresses.size() - from);
            assertThat(mapping.resolve(memory, from, length, true, new RunList()))
                    .isEqualTo(AccessResult.GRANTED);
            assertThat(memory.addresses)
                    .as("seed %s round %s", seed, round)
                    .isEqualTo(addresses.subList(from, from + length));
        }
    }

    private static List<DmaSegment> randomSegments(SplittableRandom random) {
        List<DmaSegment> segments = new ArrayList<>();
        long at = PAGE * random.nextLong(1, 100) + random.nextLong(PAGE);
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            long length = 1 + random.nextLong(3 * PAGE);
            if (random.nextInt(4) > 0) {
                length = (at + length + PAGE - 1) / PAGE * PAGE - at;
            }
            segments.add(new DmaSegment(AddressSpace.PHYSICAL, at, length));
            at += length;
            if (random.nextBoolean()) {
                at = (at / PAGE + random.nextLong(1, 50)) * PAGE;
            }
        }
        return segments;
    }

    private static List<Long> addressesOf(List<DmaSegment> segments, long offset) {
        List<Long> all = new ArrayList<>();
        for (DmaSegment segment : segments) {
            for (long i = all.isEmpty() ? offset : 0; i < segment.length(); i++) {
                all.add(segment.address() + i);
            }
        }
        return all;
    }

    /// Notes the address of every byte.
    private static final class RecordingMemory implements AddressedMemory {
        private final List<Long> addresses = new ArrayList<>();

        @Override
        public AccessResult resolve(long address, long length, boolean write, RunList runs) {
            for (long i = 0; i < length; i++) {
                addresses.add(address + i);
            }
            return AccessResult.GRANTED;
        }
    }

    /// Ranges side by side, against bytes in one row; one that is no memory refuses all.
    @Test
    void shouldFindBytesOverSeveralRangesOrNone() {
        long seed = 7;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            int count = random.nextInt(1, 6);
            int hole = random.nextInt(2 * count);
            MemorySegment memory = Arena.ofAuto().allocate(1000);
            List<DmaSegment> segments = new ArrayList<>();
            int[] ends = new int[count];
            int total = 0;
            for (int i = 0; i < count; i++) {
                int length = random.nextInt(1, 9);
                segments.add(new DmaSegment(AddressSpace.PHYSICAL, 100L * i, length));
                total += length;
                ends[i] = total;
            }
            DmaRanges ranges =
                    new DmaRanges(
                            (address, length, write, runs) -> {
                                if (address / 100 == hole) {
                                    return AccessResult.NOT_MAPPED;
                                }
                                runs.add(memory, address, length);
                                return AccessResult.GRANTED;
                            },
                            segments);
            int from = random.nextInt(total + 1);
            int length = random.nextInt(1, total + 2);
            RunList runs = new RunList();
            AccessResult result = ranges.resolve(from, length, false, runs);
            boolean outside = from + length > total;
            boolean broken =
                    !outside
                            && hole < count
                            && from < ends[hole]
                            && from + length > (hole == 0 ? 0 : ends[hole - 1]);
            AccessResult expected = AccessResult.GRANTED;
            if (outside) {
                expected = AccessResult.OUT_OF_BOUNDS;
            } else if (broken) {
                expected = AccessResult.NOT_MAPPED;
            }
            assertThat(result)
                    .as("seed %s, %s+%s of %s", seed, from, length, Arrays.toString(ends))
                    .isEqualTo(expected);
            assertThat(runs.total()).isEqualTo(result == AccessResult.GRANTED ? length : 0);
        }
    }
}
