package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletionStatus;

/// Finding 45: what becomes of the program's own bytes while they are sent.
class SendBufferFindingsTest extends VerbsPair {

    private static final int LENGTH = 100;

    private SendWorkRequest write(long id, Set<SendFlag> flags) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(left.region.element(0, LENGTH)),
                right.region.address(),
                right.region.remoteKey(),
                flags);
    }

    private void change(long offset) {
        byte before = left.region.segment().get(ValueLayout.JAVA_BYTE, offset);
        left.region.segment().set(ValueLayout.JAVA_BYTE, offset, (byte) (before + 1));
    }

    @Test
    void shouldReportSendBufferChanged() {
        left.queuePair.postSend(write(1, SIGNALED));
        change(LENGTH - 1);
        assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        Report report = Expect.only(sanitizer, Finding.SEND_BUFFER_CHANGED);
        assertThat(report.space()).isEqualTo(AddressSpace.USER);
        assertThat(report.address()).isEqualTo(left.region.address());
        assertThat(report.length()).isEqualTo(LENGTH);
        assertThat(report.detail()).contains("request 1 of queue pair");
        assertThat(report.conflictAt().method()).isEqualTo("shouldReportSendBufferChanged");
    }

    @Test
    void shouldNotReportSendBufferChanged() {
        left.queuePair.postSend(write(1, SIGNALED));
        change(LENGTH);
        assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        change(0);
        assertThat(run(write(2, SIGNALED))).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(sanitizer.reports()).isEmpty();
    }

    /// The completion of a later request covers one that has none.
    @Test
    void shouldReportSendBufferChangedOfAnUnsignaledRequest() {
        left.queuePair.postSend(write(1, Set.of()));
        change(0);
        assertThat(run(write(2, SIGNALED))).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(Expect.only(sanitizer, Finding.SEND_BUFFER_CHANGED).detail())
                .contains("request 1 of queue pair");
    }

    /// The bytes may be those of the message that came.
    @Test
    void shouldNotReportSendBufferChangedWhereAReceiveNamesIt() {
        left.queuePair.postReceive(
                new ReceiveWorkRequest(3, List.of(left.region.element(0, LENGTH))));
        left.queuePair.postSend(write(1, SIGNALED));
        change(0);
        assertThat(completion()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(sanitizer.reports()).isEmpty();
    }
}
