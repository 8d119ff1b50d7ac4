package org.softverbs.soft.physical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PageVector;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;

/// The ready-made vectors tell the ranges that they stand for.
class PhysicalVectorTest {

    private static final PhysicalRanges RANGES =
            PhysicalRanges.of(
                    new PhysicalRange(0x1000, 100),
                    new PhysicalRange(0x5000, 50),
                    new PhysicalRange(0x9000, 7));

    private static List<PhysicalRange> ranges(PhysicalVector vector) {
        List<PhysicalRange> ranges = new ArrayList<>();
        for (int i = 0; i < vector.count(); i++) {
            ranges.add(new PhysicalRange(vector.address(i), vector.length(i)));
        }
        return ranges;
    }

    @Test
    void shouldCutTheEndsOfABioVector() {
        BioVector part = new BioVector(RANGES, 30, 75);
        assertThat(ranges(part))
                .containsExactly(new PhysicalRange(0x1000 + 30, 70), new PhysicalRange(0x5000, 5));
        assertThat(part.total()).isEqualTo(75);
    }

    @Test
    void shouldCutBothEndsOfOneElement() {
        assertThat(ranges(new BioVector(RANGES, 110, 20)))
                .containsExactly(new PhysicalRange(0x5000 + 10, 20));
    }

    @Test
    void shouldAdvanceABioVector() {
        assertThat(ranges(new BioVector(RANGES).advance(100).advance(50)))
                .containsExactly(new PhysicalRange(0x9000, 7));
        assertThatThrownBy(() -> new BioVector(RANGES).advance(157))
                .hasMessageContaining("0 bytes from 157 are no part of 157 bytes");
    }

    @Test
    void shouldCutABioVectorAnywhere() {
        long seed = 3;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 10_000; round++) {
            long offset = random.nextLong(RANGES.total());
            long length = random.nextLong(1, RANGES.total() - offset + 1);
            List<Long> bytes = bytes(RANGES).subList((int) offset, (int) (offset + length));
            assertThat(bytes(new BioVector(RANGES, offset, length)))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(bytes);
        }
    }

    private static List<Long> bytes(PhysicalVector vector) {
        List<Long> bytes = new ArrayList<>();
        for (int i = 0; i < vector.count(); i++) {
            for (long at = 0; at < vector.length(i); at++) {
                bytes.add(vector.address(i) + at);
            }
        }
        return bytes;
    }

    @Test
    void shouldRunThroughPages() {
        PageVector vector =
                new PageVector(
                        new long[] {0x8000, 0x2000, 0x4000}, PageSize.SIZE_4K, 0xf00, 0x1200);
        assertThat(ranges(vector))
                .containsExactly(
                        new PhysicalRange(0x8f00, 0x100),
                        new PhysicalRange(0x2000, 0x1000),
                        new PhysicalRange(0x4000, 0x100));
        assertThat(vector.total()).isEqualTo(0x1200);
    }

    @Test
    void shouldStayInOnePage() {
        assertThat(ranges(new PageVector(new long[] {0x8000}, PageSize.SIZE_4K, 0x10, 0x20)))
                .containsExactly(new PhysicalRange(0x8010, 0x20));
    }

    @Test
    void shouldRefuseBytesThatDoNotEndInTheLastPage() {
        long[] pages = {0x8000, 0x2000};
        for (long length : new long[] {0, 0x1000, 0x2001}) {
            assertThatThrownBy(() -> new PageVector(pages, PageSize.SIZE_4K, 0, length))
                    .hasMessageContaining("length " + length + " from offset 0 does not end");
        }
        assertThatThrownBy(() -> new PageVector(new long[] {0x8001}, PageSize.SIZE_4K, 0, 1))
                .hasMessageContaining("0x8001 is no page of 4096 bytes");
    }

    @Test
    void shouldKeepTheElementsOfAScatterList() {
        ScatterList list = new ScatterList();
        for (int i = 0; i < 20; i++) {
            list.add(0x1000L * i, 0x10, 0x20 + i);
        }
        assertThat(list.count()).isEqualTo(20);
        assertThat(list.address(19)).isEqualTo(0x13010);
        assertThat(list.length(19)).isEqualTo(0x33);
        assertThat(ranges(ScatterList.of(RANGES))).isEqualTo(RANGES.ranges());
        assertThatThrownBy(() -> list.add(0x1000, 0, 0)).hasMessageContaining("of 0 bytes");
    }
}
