package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.RequestFault;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Wrong receives.
class ReceiveMistakesTest extends UlpPair {

    private static final int ID = 7;
    private static final int RECEIVE = 8;

    @BeforeEach
    void connectBoth() {
        connect();
    }

    @Test
    void shouldExplainNoReceivePosted() {
        WorkCompletion completion = run(send(ID, left.region.element(0, 100)));
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        assertThat(completion.explain().root())
                .isInstanceOfSatisfying(
                        Cause.ReceiverNotReady.class,
                        it -> {
                            assertThat(it.psn()).isEqualTo(LEFT_PSN);
                            assertThat(it.retries()).isEqualTo(3);
                            assertThat(it.waitNanos()).isEqualTo(10_000);
                            assertThat(it.peer().queuePairNumber())
                                    .isEqualTo(right.queuePair.number());
                        });
        assertThat(right.queuePair.firstError()).isEmpty();
        assertThat(right.queuePair.waitsFor())
                .singleElement()
                .isInstanceOfSatisfying(
                        Wait.Receive.class, it -> assertThat(it.psn()).isEqualTo(LEFT_PSN));
        find(
                completion.status(),
                completion.explain().root(),
                right.queuePair.waitsFor().getFirst());
    }

    @Test
    void shouldNotReportWithoutNoReceivePosted() throws InterruptedException {
        right.receive(RECEIVE, 100);
        expectSuccess(run(send(ID, left.region.element(0, 100))));
        expectSuccess(completion(right));
        expectNoReport();
    }

    @Test
    void shouldExplainReceiveTooSmall() {
        right.receive(RECEIVE, 99);
        WorkCompletion sent = run(send(ID, left.region.element(0, 100)));
        assertThat(sent.status()).isEqualTo(WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(sent.explain().root())
                .isInstanceOfSatisfying(
                        Cause.PeerRefused.class,
                        it -> assertThat(it.code()).isEqualTo(NakCode.INVALID_REQUEST));
        WorkCompletion received = completion(right);
        assertThat(received.status()).isEqualTo(WorkCompletionStatus.LOC_LEN_ERR);
        assertThat(received.explain().effect())
                .isInstanceOfSatisfying(
                        Cause.RequestFailed.class, it -> assertThat(it.id()).isEqualTo(RECEIVE));
        assertThat(received.explain().root())
                .isInstanceOfSatisfying(
                        Cause.PeerRequestRefused.class,
                        it -> {
                            assertThat(it.fault()).isEqualTo(RequestFault.RECEIVE_TOO_SMALL);
                            assertThat(it.actual()).isEqualTo(100);
                            assertThat(it.expected()).isEqualTo(99);
                        });
        assertThat(right.queuePair.firstError()).contains(received.explain());
        find(sent.status(), received.status(), sent.explain().root(), received.explain().root());
    }

    @Test
    void shouldNotReportWithoutReceiveTooSmall() throws InterruptedException {
        right.receive(RECEIVE, 101);
        expectSuccess(run(send(ID, left.region.element(0, 100))));
        expectSuccess(completion(right));
        expectNoReport();
    }
}
