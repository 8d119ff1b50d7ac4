package org.softverbs.ulp.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Against the report of a stock `ib_write_bw` client, from a capture.
class BandwidthReportTest {

    private static final String[] GOLDEN = {
        "0000000000000001",
        "0000000000000005",
        "3f62b3d0ca776e09",
        "3f6077653d87bf8c",
        "3f6144299af144d9"
    };

    @Test
    void shouldReadAndWriteTheStockReport() {
        byte[][] words = new byte[GOLDEN.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = HexFormat.of().parseHex(GOLDEN[i]);
        }
        BandwidthReport report = BandwidthReport.ofWords(words);
        assertThat(report.size()).isEqualTo(1);
        assertThat(report.iterations()).isEqualTo(5);
        assertThat(report.messageRate()).isCloseTo(0.002108, within(1e-6));
        for (int i = 0; i < words.length; i++) {
            assertThat(report.word(i)).isEqualTo(words[i]);
        }
    }

    @Test
    void shouldComputeRatesInMebibytesAsPerftestDoes() {
        BandwidthReport report = BandwidthReport.of(1 << 20, 100, 1_000_000_000, 5e6);
        assertThat(report.average()).isCloseTo(100, within(1e-9));
        assertThat(report.peak()).isCloseTo(200, within(1e-9));
        assertThat(report.messageRate()).isCloseTo(0.0001, within(1e-12));
    }
}
