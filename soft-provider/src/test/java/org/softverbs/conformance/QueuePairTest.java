package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttribute;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Rows RUT-QP, PYV-QP and PYV-QPEX about making queue pairs and moving them.
@Conformance
class QueuePairTest {

    private static final Setup SETUP = Setup.standard();

    @Test
    @Tag("RUT-QP-001")
    void shouldCarryWhatItWasMadeWith(Rig rig) {
        CompletionQueue sends = rig.left().queue(8);
        CompletionQueue receives = rig.left().queue(8);
        QueuePair queuePair =
                rig.left().end(SETUP, rig.left().domain(), sends, receives).queuePair();
        assertThat(queuePair.protectionDomain()).isSameAs(rig.left().domain());
        assertThat(queuePair.sendCompletionQueue()).isSameAs(sends);
        assertThat(queuePair.receiveCompletionQueue()).isSameAs(receives);
        assertThat(queuePair.type()).isEqualTo(QueuePairType.RC);
        assertThat(queuePair.state()).isEqualTo(QueuePairState.RESET);
        queuePair.close();
        sends.close();
        receives.close();
    }

    @Test
    @Tag("RUT-QP-002")
    void shouldGrantTheInlineDataThatIsAskedFor(Rig rig) {
        int most = rig.left().context().queryDevice().maxInlineData();
        for (int inline : new int[] {0, 1, 63, 64, most}) {
            Setup setup = SETUP.withInline(inline);
            assertThat(rig.left().end(setup).queuePair().capabilities().maxInlineData())
                    .isGreaterThanOrEqualTo(inline);
        }
    }

    @Test
    @Tag("RUT-QP-003")
    @Decision(Expect.CLOSED_USED)
    void shouldRefuseASendQueueThatIsNotItsOwn(Rig rig) {
        CompletionQueue good = rig.left().queue(8);
        CompletionQueue gone = rig.left().queue(8);
        gone.close();
        Expect.closed(() -> rig.left().end(SETUP, rig.left().domain(), gone, good));
        CompletionQueue foreign = rig.right().queue(8);
        Expect.refused(
                Errno.EINVAL, () -> rig.left().end(SETUP, rig.left().domain(), foreign, good));
    }

    @Test
    @Tag("RUT-QP-004")
    @Decision(Expect.CLOSED_USED)
    void shouldRefuseAReceiveQueueThatIsNotItsOwn(Rig rig) {
        CompletionQueue good = rig.left().queue(8);
        CompletionQueue gone = rig.left().queue(8);
        gone.close();
        Expect.closed(() -> rig.left().end(SETUP, rig.left().domain(), good, gone));
        CompletionQueue foreign = rig.right().queue(8);
        Expect.refused(
                Errno.EINVAL, () -> rig.left().end(SETUP, rig.left().domain(), good, foreign));
    }

    @Test
    @Tag("RUT-QP-009")
    void shouldKeepItsCompletionQueuesOpen(Rig rig) {
        End end = rig.left().end(SETUP);
        Expect.refused(Errno.EBUSY, () -> end.sends().close());
        Expect.refused(Errno.EBUSY, () -> end.receives().close());
        end.queuePair().close();
        end.sends().close();
        end.receives().close();
    }

    @Test
    @Tag("RUT-QP-010")
    void shouldTakeAsManyRequestsAsTheDeviceSays(Rig rig) {
        int most = rig.left().context().queryDevice().maxQueuePairRequests();
        End end = rig.left().end(SETUP.withRequests(most));
        assertThat(end.queuePair().capabilities().maxSendRequests()).isGreaterThanOrEqualTo(most);
        assertThat(end.queuePair().capabilities().maxReceiveRequests())
                .isGreaterThanOrEqualTo(most);
        Expect.refused(Errno.EINVAL, () -> rig.left().end(SETUP.withRequests(most + 1)));
    }

    @Test
    @Tag("RUT-QP-012")
    @Tag("PYV-QP-001")
    void shouldMoveFromResetToReadyToSend(Rig rig) {
        End left = rig.left().end(SETUP);
        End right = rig.right().end(SETUP);
        assertThat(left.state()).isEqualTo(QueuePairState.RESET);
        left.initialize();
        assertThat(left.state()).isEqualTo(QueuePairState.INIT);
        left.queuePair().modify(left.readyToReceive(right).build());
        assertThat(left.state()).isEqualTo(QueuePairState.RTR);
        left.queuePair().modify(left.readyToSend().build());
        assertThat(left.state()).isEqualTo(QueuePairState.RTS);
        right.connectTo(left);
        Buffer to = rig.right().buffer(8);
        assertThat(left.run(SIGNALED.write(1, rig.left().buffer(8).fill(1).all(), to)))
                .isEqualTo(SUCCESS);
    }

    private static void shouldRefuse(End end, QueuePairAttributes.Builder attributes) {
        QueuePairState before = end.state();
        Expect.refused(Errno.EINVAL, () -> end.queuePair().modify(attributes.build()));
        assertThat(end.state()).isEqualTo(before);
    }

    @Test
    @Tag("RUT-QP-013")
    void shouldNotMoveFromResetToReadyToReceive(Rig rig) {
        End left = rig.left().end(SETUP);
        shouldRefuse(left, left.readyToReceive(rig.right().end(SETUP)));
    }

    @Test
    @Tag("RUT-QP-014")
    void shouldNotMoveFromInitToReadyToSend(Rig rig) {
        End left = rig.left().end(SETUP);
        left.initialize();
        shouldRefuse(left, left.readyToSend());
    }

    @Test
    @Tag("RUT-QP-015")
    void shouldNotMoveFromReadyToSendToReadyToReceive(Rig rig) {
        Pair pair = rig.connect();
        shouldRefuse(pair.left(), pair.left().readyToReceive(pair.right()));
    }

    /// Leaves out one of the attributes at a time, then none.
    private static void shouldNeedEach(
            End end, QueuePairAttributes all, Set<QueuePairAttribute> attributes) {
        assertThat(all.mask()).containsAll(attributes);
        for (QueuePairAttribute missing : attributes) {
            shouldRefuse(end, copyOf(all).without(missing));
        }
        end.queuePair().modify(all);
        assertThat(end.state()).isEqualTo(all.state());
    }

    private static QueuePairAttributes.Builder copyOf(QueuePairAttributes all) {
        QueuePairAttributes.Builder copy = QueuePairAttributes.builder().state(all.state());
        switch (all.state()) {
            case INIT ->
                    copy.partitionKeyIndex(all.partitionKeyIndex())
                            .portNumber(all.portNumber())
                            .accessFlags(all.accessFlags());
            case RTR ->
                    copy.addressVector(all.addressVector())
                            .pathMtu(all.pathMtu())
                            .destinationQueuePairNumber(all.destinationQueuePairNumber())
                            .receivePacketSequenceNumber(all.receivePacketSequenceNumber())
                            .maxDestinationReadAtomic(all.maxDestinationReadAtomic())
                            .minRnrTimer(all.minRnrTimer());
            case RTS ->
                    copy.sendPacketSequenceNumber(all.sendPacketSequenceNumber())
                            .timeout(all.timeout())
                            .retryCount(all.retryCount())
                            .rnrRetry(all.rnrRetry())
                            .maxReadAtomic(all.maxReadAtomic());
            case RESET, SQD, SQE, ERR -> throw new AssertionError(all);
        }
        return copy;
    }

    @Test
    @Tag("RUT-QP-016")
    void shouldNeedEachAttributeOfTheMoveToInit(Rig rig) {
        shouldNeedEach(
                rig.left().end(SETUP),
                QueuePairAttributes.toInit(SETUP.peerMay()),
                Set.of(
                        QueuePairAttribute.PKEY_INDEX,
                        QueuePairAttribute.PORT,
                        QueuePairAttribute.ACCESS_FLAGS));
    }

    @Test
    @Tag("RUT-QP-017")
    void shouldNeedEachAttributeOfTheMoveToReadyToReceive(Rig rig) {
        End left = rig.left().end(SETUP);
        left.initialize();
        shouldNeedEach(
                left,
                left.readyToReceive(rig.right().end(SETUP)).build(),
                Set.of(
                        QueuePairAttribute.AV,
                        QueuePairAttribute.PATH_MTU,
                        QueuePairAttribute.DEST_QPN,
                        QueuePairAttribute.RQ_PSN,
                        QueuePairAttribute.MAX_DEST_RD_ATOMIC,
                        QueuePairAttribute.MIN_RNR_TIMER));
    }

    @Test
    @Tag("RUT-QP-018")
    void shouldNeedEachAttributeOfTheMoveToReadyToSend(Rig rig) {
        End left = rig.left().end(SETUP);
        left.initialize();
        left.queuePair().modify(left.readyToReceive(rig.right().end(SETUP)).build());
        shouldNeedEach(
                left,
                left.readyToSend().build(),
                Set.of(
                        QueuePairAttribute.SQ_PSN,
                        QueuePairAttribute.TIMEOUT,
                        QueuePairAttribute.RETRY_CNT,
                        QueuePairAttribute.RNR_RETRY,
                        QueuePairAttribute.MAX_QP_RD_ATOMIC));
    }

    @Test
    @Tag("RUT-QP-023")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(Rig rig) {
        End gone = rig.left().end(SETUP);
        gone.queuePair().close();
        Pair younger = rig.connect();
        gone.queuePair().close();
        Buffer to = rig.right().buffer(8);
        Buffer own = rig.left().buffer(8).fill(1);
        assertThat(younger.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        Expect.closed(() -> gone.initialize());
    }

    @Test
    @Tag("RUT-QP-025")
    void shouldEndInInit(Rig rig) {
        End end = rig.left().end(SETUP);
        end.initialize();
        end.queuePair().close();
        // Nothing of it keeps its queues open.
        end.sends().close();
        end.receives().close();
    }

    @Test
    @Tag("RUT-QP-041")
    void shouldRefuseWhatTheSendQueueHasNoRoomFor(Rig rig) {
        Pair pair = rig.connect();
        int room = pair.left().queuePair().capabilities().maxSendRequests();
        Buffer own = rig.left().buffer(8).fill(1);
        Buffer to = rig.right().buffer(8);
        List<SendWorkRequest> list = new ArrayList<>();
        for (int i = 0; i <= room; i++) {
            list.add(SIGNALED.write(i, own.all(), to));
        }
        assertThatThrownBy(() -> pair.left().queuePair().postSend(list))
                .isInstanceOfSatisfying(
                        PostException.class,
                        full -> {
                            assertThat(full.errno()).isEqualTo(Errno.ENOMEM);
                            assertThat(full.badIndex()).isEqualTo(room);
                        });
        assertThat(pair.left().sent()).hasSize(room).allMatch(WorkCompletion::isSuccess);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("PYV-QP-025")
    void shouldPromiseNoOrderOfBytes(WorkCompletionOpcode operation, Rig rig) {
        Pair pair = rig.connect();
        assertThat(pair.left().queuePair().queryDataInOrder(operation)).isEmpty();
    }

    @Test
    @Tag("PYV-QP-004")
    void shouldCarryTheAttributesThatItWasBroughtUpWith(Rig rig) {
        Pair pair = rig.connect();
        QueuePairAttributes now = pair.left().queuePair().query();
        QueuePairAttributes receive = pair.left().readyToReceive(pair.right()).build();
        assertThat(now.state()).isEqualTo(QueuePairState.RTS);
        assertThat(now.accessFlags()).isEqualTo(SETUP.peerMay());
        assertThat(now.addressVector()).isEqualTo(receive.addressVector());
        assertThat(now.destinationQueuePairNumber()).isEqualTo(pair.right().number());
        assertThat(now.pathMtu()).isEqualTo(receive.pathMtu());
        assertThat(now.timeout()).isEqualTo(SETUP.timeout());
        assertThat(now.retryCount()).isEqualTo(SETUP.retries());
        assertThat(now.rnrRetry()).isEqualTo(SETUP.rnrRetries());
    }

    @Test
    @Tag("PYV-QP-005")
    void shouldTellItsCapabilitiesTypeAndState(Rig rig) {
        End end = rig.left().end(SETUP);
        assertThat(end.queuePair().query().state()).isEqualTo(QueuePairState.RESET);
        assertThat(end.queuePair().type()).isEqualTo(QueuePairType.RC);
        assertThat(end.queuePair().capabilities())
                .isEqualTo(SETUP.options(end.sends(), end.receives()).capabilities());
        end.initialize();
        assertThat(end.queuePair().query().state()).isEqualTo(QueuePairState.INIT);
    }

    @Test
    @Tag("PYV-QPEX-019")
    void shouldTakeNoReceiveInReset(Rig rig) {
        End end = rig.left().end(SETUP);
        Expect.refused(Errno.EINVAL, () -> end.receive(1, rig.left().buffer(8).all()));
    }

    @Test
    @Tag("PYV-QPEX-022")
    void shouldTakeNoReceiveOfMoreElementsThanItHolds(Rig rig) {
        End end = rig.connect().left();
        int most = end.queuePair().capabilities().maxReceiveSge();
        List<Sge> elements = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            elements.add(rig.left().buffer(8).all());
        }
        end.queuePair().postReceive(new ReceiveWorkRequest(1, elements));
        elements.add(rig.left().buffer(8).all());
        Expect.refused(
                Errno.EINVAL,
                () -> end.queuePair().postReceive(new ReceiveWorkRequest(2, elements)));
    }
}
