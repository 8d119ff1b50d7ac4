package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// The largest page that fits, and no more of it than until a larger one does.
class IommuPageSizesTest {

    private static final long K4 = 1L << 12;
    private static final long M2 = 1L << 21;
    private static final long G1 = 1L << 30;

    private final PageSizes sizes = PageSizes.standard();

    private void expect(long iova, long physical, long length, long size, long run) {
        assertThat(sizes.largest(iova, physical, length)).isEqualTo(size);
        assertThat(sizes.run(iova, physical, length, size)).isEqualTo(run);
    }

    @Test
    void shouldTakeTheLargestPageThatDividesBothAddresses() {
        expect(G1, 2 * G1, G1, G1, G1);
        expect(G1, 2 * G1 + M2, G1, M2, G1);
        expect(G1, 2 * G1 + K4, G1, K4, G1);
        expect(G1 + K4, 2 * G1, G1, K4, G1);
    }

    @Test
    void shouldTakeNoPageThatIsLongerThanTheRest() {
        expect(G1, 2 * G1, M2 - K4, K4, M2 - K4);
        expect(G1, 2 * G1, M2 + K4, M2, M2);
        expect(G1, 2 * G1, G1 - K4, M2, G1 - M2);
    }

    @Test
    void shouldStopWhereALargerPageCanStart() {
        expect(M2 - 2 * K4, G1 + M2 - 2 * K4, 2 * M2, K4, 2 * K4);
        expect(G1 - M2, 3 * G1 - M2, G1 + 2 * M2, M2, M2);
    }

    @Test
    void shouldNotStopWhenTooLittleIsLeftForALargerPage() {
        expect(M2 - 2 * K4, G1 + M2 - 2 * K4, M2, K4, M2);
        expect(M2 - 2 * K4, G1 + M2 - 2 * K4, M2 + 2 * K4, K4, 2 * K4);
    }

    @Test
    void shouldNotStopWhenTheAddressesNeverMeetALargerPage() {
        expect(M2 - 2 * K4, G1 + M2 - K4, 4 * M2, K4, 4 * M2);
    }

    @Test
    void shouldTellTheGranule() {
        assertThat(sizes.granule()).isEqualTo(K4);
        assertThat(new PageSizes((1L << 16) | (1L << 29)).granule()).isEqualTo(1L << 16);
        assertThat(sizes.isAligned(M2 | K4)).isTrue();
        assertThat(sizes.isAligned(M2 | 2048)).isFalse();
        assertThatThrownBy(() -> new PageSizes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PageSizes(512)).isInstanceOf(IllegalArgumentException.class);
    }
}
