package org.softverbs.soft.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.soft.physical.SparsePhysicalMemory;

class BarInfoIndexTest {

    private static final long SIZE = 1 << 16;

    private final PciTopology pci = new PciTopology(new SparsePhysicalMemory());
    private final HostBridge bridge =
            pci.addHostBridge("bridge", HostBridge.PeerTraffic.SAME_BRIDGE, 0x1000_0000L);

    private static Stream<BarInfoIndex> indexes() {
        return Stream.of(
                new BarIntervals(), BarTable.ofBits(4), BarTable.ofBits(8), BarTable.ofPointers());
    }

    private BarInfo bar(int number) {
        PciFunction owner = pci.addFunction("function " + number, bridge);
        long first = owner.addBar(SIZE).address(0);
        return new BarInfo(owner, first, SIZE, bridge.busOffset());
    }

    @ParameterizedTest
    @MethodSource("indexes")
    void shouldFindEachBarByItsFirstAndLastByteAndNothingBeside(BarInfoIndex index) {
        List<BarInfo> bars = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            BarInfo bar = bar(i);
            // Every other one, so that there are holes.
            if (i % 2 == 0) {
                assertThat(index.add(bar)).isTrue();
            }
            bars.add(bar);
        }
        for (int i = 0; i < 15; i++) {
            BarInfo bar = bars.get(i);
            Optional<BarInfo> expected = i % 2 == 0 ? Optional.of(bar) : Optional.empty();
            assertThat(index.search(bar.first())).isEqualTo(expected);
            assertThat(index.search(bar.first() + SIZE - 1)).isEqualTo(expected);
        }
        assertThat(index.search(bars.getFirst().first() - 1)).isEmpty();
        assertThat(index.search(bars.getLast().first() + SIZE)).isEmpty();
    }

    @Test
    void shouldAgreeWhicheverWayTheyLookUp() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        List<BarInfoIndex> indexes = indexes().filter(index -> index.bits() != 4).toList();
        List<BarInfo> bars = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            BarInfo bar = bar(i);
            bars.add(bar);
            indexes.forEach(index -> index.add(bar));
        }
        for (int i = 0; i < 10_000; i++) {
            long address =
                    bars.get(random.nextInt(bars.size())).first()
                            + random.nextLong(-2 * SIZE, 2 * SIZE);
            assertThat(indexes.stream().map(index -> index.search(address)).distinct())
                    .as("seed %d", seed)
                    .hasSize(1);
        }
    }

    @Test
    void shouldSayWhenFourBitsAreUsedUp() {
        BarInfoIndex index = BarTable.ofBits(4);
        for (int i = 0; i < 15; i++) {
            assertThat(index.add(bar(i))).isTrue();
        }
        BarInfo tooMany = bar(15);
        assertThat(index.add(tooMany)).isFalse();
        assertThat(index.search(tooMany.first())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("indexes")
    void shouldRefuseBarsThatOverlap(BarInfoIndex index) {
        BarInfo bar = bar(0);
        index.add(bar);
        BarInfo within = new BarInfo(bar.owner(), bar.first() + 1, 1, 0);
        BarInfo around = new BarInfo(bar.owner(), bar.first() - 1, SIZE, 0);
        assertThatThrownBy(() -> index.add(bar)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.add(within)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.add(around)).isInstanceOf(IllegalArgumentException.class);
    }
}
