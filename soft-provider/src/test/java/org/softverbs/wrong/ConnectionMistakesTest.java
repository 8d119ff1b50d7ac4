package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Provokes;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.LocalPath;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RequestFault;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Connections that the two ends see differently.
class ConnectionMistakesTest extends UlpPair {

    private static final int ID = 7;
    private static final int RETRIES = 4;
    private static final int RIGHTS_PSN = 0x1100;
    private static final GlobalIdentifier NOBODY =
            GlobalIdentifier.of(InetAddress.ofLiteral("127.0.0.143"));

    private static void giveUpSoon(QueuePairState state, QueuePairAttributes.Builder attributes) {
        if (state == QueuePairState.RTS) {
            attributes.timeout(12).retryCount(RETRIES);
        }
    }

    private Cause.RetriesExceeded retriesExceeded() {
        WorkCompletion completion = run(write(ID, left.region, right.region));
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(completion.explain().root()).isInstanceOf(Cause.RetriesExceeded.class);
        Cause.RetriesExceeded root = (Cause.RetriesExceeded) completion.explain().root();
        assertThat(root.psn()).isEqualTo(LEFT_PSN);
        assertThat(root.retries()).isEqualTo(RETRIES);
        assertThat(root.everAnswered()).isFalse();
        assertThat(root.localPath()).isEqualTo(LocalPath.SOUND);
        find(completion.status(), root);
        return root;
    }

    private void expectGoodConnection() throws InterruptedException {
        connect();
        expectSuccess(run(write(ID, left.region, right.region)));
        expectNoReport();
    }

    @Test
    void shouldExplainWrongGid() {
        connect(
                (isLeft, state, attributes) -> {
                    if (isLeft && state == QueuePairState.RTR) {
                        attributes.addressVector(new AddressVector(NOBODY, 0));
                    }
                    giveUpSoon(state, attributes);
                });
        Cause.RetriesExceeded root = retriesExceeded();
        assertThat(root.peer().gid()).isEqualTo(NOBODY);
        assertThat(root.reason()).isEqualTo(RetryReason.TIMEOUT);
        assertThat(root.strangePsn()).isEmpty();
        assertThat(root.hint()).contains("GID");
    }

    @Test
    void shouldNotReportWithoutWrongGid() throws InterruptedException {
        expectGoodConnection();
    }

    @Test
    void shouldExplainWrongPsn() {
        connect(
                (isLeft, state, attributes) -> {
                    if (!isLeft && state == QueuePairState.RTR) {
                        attributes.receivePacketSequenceNumber(RIGHTS_PSN);
                    }
                    giveUpSoon(state, attributes);
                });
        Cause.RetriesExceeded root = retriesExceeded();
        assertThat(root.strangePsn()).hasValue(RIGHTS_PSN - 1);
        assertThat(root.hint()).contains("receivePacketSequenceNumber");
    }

    @Test
    void shouldNotReportWithoutWrongPsn() throws InterruptedException {
        expectGoodConnection();
    }

    private SendWorkRequest longWrite() {
        return write(
                ID, left.region.element(0, 2000), right.region.address(), right.region.remoteKey());
    }

    @Test
    void shouldExplainMtuMismatch() {
        connect(
                (isLeft, state, attributes) -> {
                    if (!isLeft && state == QueuePairState.RTR) {
                        attributes.pathMtu(Mtu.MTU_512);
                    }
                });
        WorkCompletion completion = run(longWrite());
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(completion.explain().root())
                .isInstanceOfSatisfying(
                        Cause.PeerRefused.class,
                        it -> assertThat(it.code()).isEqualTo(NakCode.INVALID_REQUEST));
        assertThat(completion.explain().hint()).contains("path MTU");
        assertThat(firstErrorOf(right).root())
                .isInstanceOfSatisfying(
                        Cause.PeerRequestRefused.class,
                        it -> {
                            assertThat(it.fault()).isEqualTo(RequestFault.PACKET_LENGTH);
                            assertThat(it.actual()).isEqualTo(1024);
                            assertThat(it.expected()).isEqualTo(512);
                        });
        find(completion.status(), completion.explain().root(), firstErrorOf(right).root());
    }

    @Test
    void shouldNotReportWithoutMtuMismatch() throws InterruptedException {
        connect();
        expectSuccess(run(longWrite()));
        expectNoReport();
    }

    private SendWorkRequest read() {
        return new SendWorkRequest.RdmaRead(
                ID,
                List.of(left.region.element(0, 100)),
                right.region.address(),
                right.region.remoteKey(),
                SIGNALED);
    }

    @Test
    @Provokes(stuck = true, because = "it waits for ever")
    void shouldExplainReadWithoutCredit() {
        connect(
                (isLeft, state, attributes) -> {
                    if (isLeft && state == QueuePairState.RTS) {
                        attributes.maxReadAtomic(0);
                    }
                });
        left.queuePair.postSend(read());
        assertThat(left.queuePair.waitsFor()).containsExactly(new Wait.ReadCredit(ID, 0, 0));
        find(left.queuePair.waitsFor().getFirst());
        await(() -> left.stuck() == 1);
        assertThat(left.poll()).isEmpty();
        assertThat(right.stuck()).isZero();
    }

    @Test
    void shouldNotReportWithoutReadWithoutCredit() throws InterruptedException {
        connect();
        expectSuccess(run(read()));
        expectNoReport();
    }

    @Test
    void shouldExplainWrongState() {
        left.queuePair.modify(QueuePairAttributes.toInit(UlpEnd.ALL_ACCESS));
        VerbsException refused =
                catchThrowableOfType(
                        VerbsException.class,
                        () -> left.queuePair.postSend(write(ID, left.region, right.region)));
        find(refused.errno(), refused.explain().root());
        assertThat(refused.explain().root())
                .isInstanceOfSatisfying(
                        VerbCause.WrongState.class,
                        it -> {
                            assertThat(it.state()).isEqualTo(QueuePairState.INIT);
                            assertThat(it.queuePair()).isEqualTo(left.queuePair.number());
                        });
    }

    @Test
    void shouldNotReportWithoutWrongState() throws InterruptedException {
        expectGoodConnection();
    }
}
