package org.softverbs.soft.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PeerDistance;
import org.softverbs.soft.pci.PeerMapping;

/// A scatter list as it is written is the memory that it says.
class SampleHostTest {

    private static SampleHost host(String specification) {
        return new SampleHost(SglElement.parse(specification));
    }

    @Test
    void shouldPlaceElementsAsTheyAreWritten() {
        ScatterList list = host("4096,100+50,8192@adjacent").list();
        assertThat(list.count()).isEqualTo(3);
        assertThat(list.address(0) % 4096).isZero();
        assertThat(list.address(1) % 4096).isEqualTo(50);
        assertThat(list.address(1)).isGreaterThan(list.address(0) + 4096);
        assertThat(list.address(2)).isEqualTo(list.address(1) + 100);
        assertThat(list.length(2)).isEqualTo(8192);
    }

    @Test
    void shouldNeverPutTwoOrdinaryElementsSideBySide() {
        ScatterList list = host("4096,4096,8192@p2p-bus,8192@p2p-bus,1@p2p-bus").list();
        for (int i = 1; i < list.count(); i++) {
            assertThat(list.address(i)).isNotEqualTo(list.address(i - 1) + list.length(i - 1));
        }
    }

    @Test
    void shouldMarkHighAndPrivateMemory() {
        SampleHost host = host("1@highmem,1@private,1");
        assertThat(host.host().physicalMemory().flags(host.list().address(0)))
                .containsExactly(PageFlag.HIGHMEM);
        assertThat(host.host().physicalMemory().flags(host.list().address(1)))
                .containsExactly(PageFlag.PRIVATE);
        assertThat(host.host().physicalMemory().flags(host.list().address(2))).isEmpty();
    }

    @Test
    void shouldHavePeersOfEachKind() {
        Map<String, PeerMapping> kinds =
                Map.of(
                        "p2p-bus", PeerMapping.BUS_ADDRESS,
                        "p2p-bridge", PeerMapping.THROUGH_HOST_BRIDGE,
                        "p2p-none", PeerMapping.NOT_SUPPORTED);
        kinds.forEach(
                (kind, mapping) -> {
                    SampleHost host = host("5000+7@" + kind);
                    PciFunction owner =
                            host.host().pci().ownerOf(host.list().address(0)).orElseThrow();
                    assertThat(host.peers()).contains(owner);
                    assertThat(PeerDistance.between(owner, host.adapter()).mapping())
                            .isEqualTo(mapping);
                });
    }

    @Test
    void shouldGiveTheSameAddressesInEveryRun() {
        assertThat(host("4096,1@p2p-bus").list().address(1))
                .isEqualTo(host("4096,1@p2p-bus").list().address(1));
    }

    @Test
    void shouldTakeTheLongestElement() {
        assertThat(host("2147483648").list().total()).isEqualTo(1L << 31);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                 | element 0 '': length '' is no number of bytes
                    4096,,1            | element 1 '': length '' is no number of bytes
                    0                  | element 0 '0': length 0 is not within 1 and 2147483648
                    2147483649         | length 2147483649 is not within 1 and 2147483648
                    -1                 | length '-1' is no number of bytes
                    1+4096             | offset 4096 is not within a page: 0 to 4095
                    1+x                | offset 'x' is no number of bytes
                    4096@rom           | kind 'rom' is none of ram, adjacent, p2p-bus, p2p-bridge
                    1@adjacent         | element 0 '1@adjacent': the first element is adjacent to none
                    1,1+4@adjacent     | offset 4 of an adjacent element
                    """)
    void shouldSayWhatIsWrongWithASpecification(String specification, String reason) {
        assertThatThrownBy(() -> SglElement.parse(specification))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
