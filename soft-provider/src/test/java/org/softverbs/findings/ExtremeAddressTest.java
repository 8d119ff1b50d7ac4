package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.dma.DmaDirection.BIDIRECTIONAL;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaMapping;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletionStatus;

/// Addresses at which there can be nothing, with the sanitizer on: a device and its layer refuse
/// them as they do without it.
class ExtremeAddressTest extends VerbsPair {

    private static final int LENGTH = 64;

    private WorkCompletionStatus send(long address) {
        return run(
                new SendWorkRequest.Send(
                        1, List.of(new Sge(address, LENGTH, localKey())), SIGNALED));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 62, Long.MAX_VALUE - 31, Long.MIN_VALUE, -LENGTH, -32, -1})
    void shouldRefuseARequestAndGoOn(long address) {
        try (DmaMapping mapping = dma.map(page, BIDIRECTIONAL)) {
            assertThat(mapping.length()).isEqualTo(PAGE);
            assertThat(send(address)).isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
            assertThat(leftContext.counters().get("engine_faults")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 62, Long.MAX_VALUE - 31, Long.MIN_VALUE, -LENGTH, -32})
    void shouldReportAnUnmap(long address) {
        dma.raw().unmapPage(address, LENGTH, BIDIRECTIONAL);
        Expect.only(sanitizer, Finding.NOT_MAPPED);
        dma.raw().syncSingleForCpu(address, LENGTH, BIDIRECTIONAL);
        Expect.only(sanitizer, Finding.SYNC_NOT_MAPPED);
    }
}
