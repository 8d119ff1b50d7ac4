package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttribute;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SharedReceiveQueue;

/// Rows RUT-QP and PYV-QP about queue pairs for unreliable connections and for datagrams, and about
/// queue pairs with a shared receive queue.
@Conformance
class QueuePairTypesTest {

    private static final String ONE_CALL =
            "one verb makes queue pairs; create_qp_ex adds nothing to this case";

    private static final Setup SETUP = Setup.standard();
    private static final int PSN = 0xff_fff0;

    @Test
    @Tag("RUT-QP-005")
    @Decision(Expect.CLOSED_USED)
    void shouldRefuseASharedReceiveQueueThatIsNotItsOwn(Rig rig) {
        SharedReceiveQueue gone = rig.left().sharedQueue(4);
        gone.close();
        Expect.closed(() -> rig.left().end(SETUP, rig.left().domain(), gone));
        SharedReceiveQueue foreign = rig.right().sharedQueue(4);
        Expect.refused(Errno.EINVAL, () -> rig.left().end(SETUP, rig.left().domain(), foreign));
    }

    private static void shouldBeMade(Rig rig, QueuePairType type) {
        End end = rig.left().end(SETUP, type);
        assertThat(end.queuePair().type()).isEqualTo(type);
        assertThat(end.state()).isEqualTo(QueuePairState.RESET);
        assertThat(end.queuePair().query().state()).isEqualTo(QueuePairState.RESET);
        assertThat(end.queuePair().capabilities())
                .isEqualTo(SETUP.options(end.sends(), end.receives()).capabilities());
        assertThat(end.queuePair().protectionDomain()).isSameAs(rig.left().domain());
        end.queuePair().close();
        end.sends().close();
        end.receives().close();
    }

    @Test
    @Tag("RUT-QP-007")
    @Tag("PYV-QP-013")
    @Decision(ONE_CALL)
    void shouldBeMadeForDatagrams(Rig rig) {
        shouldBeMade(rig, QueuePairType.UD);
    }

    @Test
    @Tag("PYV-QP-006")
    @Tag("PYV-QP-008")
    @Decision(ONE_CALL)
    void shouldBeMadeForAnUnreliableConnection(Rig rig) {
        shouldBeMade(rig, QueuePairType.UC);
    }

    @Test
    @Tag("RUT-QP-019")
    void shouldMoveFromResetToReadyToSendForDatagrams(Rig rig) {
        End end = rig.left().end(SETUP, QueuePairType.UD);
        Expect.refused(Errno.EINVAL, () -> end.initialize());
        assertThat(end.state()).isEqualTo(QueuePairState.RESET);
        end.queuePair().modify(QueuePairAttributes.toInitDatagram(Datagrams.QUEUE_KEY));
        assertThat(end.state()).isEqualTo(QueuePairState.INIT);
        end.move(QueuePairState.RTR);
        assertThat(end.state()).isEqualTo(QueuePairState.RTR);
        Expect.refused(Errno.EINVAL, () -> end.move(QueuePairState.RTS));
        assertThat(end.state()).isEqualTo(QueuePairState.RTR);
        end.queuePair().modify(QueuePairAttributes.toReadyToSendUnreliable(PSN));
        assertThat(end.state()).isEqualTo(QueuePairState.RTS);
        End other = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(8);
        other.receive(1, rig.right().buffer(8 + Datagrams.HEADER).all());
        assertThat(end.run(Datagrams.send(1, Datagrams.destination(end, other), own.all())))
                .isEqualTo(SUCCESS);
        assertThat(other.receivedStatuses()).containsExactly(SUCCESS);
    }

    private static void connect(End end, End to) {
        end.initialize();
        end.queuePair()
                .modify(
                        QueuePairAttributes.toReadyToReceiveUnreliable(
                                vector(to), to.number(), PSN, Mtu.MTU_1024));
        end.queuePair().modify(QueuePairAttributes.toReadyToSendUnreliable(PSN));
    }

    private static AddressVector vector(End to) {
        return new AddressVector(to.node().context().gidTable(1).getFirst().gid(), 0);
    }

    @Test
    @Tag("PYV-QP-007")
    @Tag("PYV-QP-009")
    @Decision(ONE_CALL)
    void shouldCarryTheAttributesOfAnUnreliableConnection(Rig rig) {
        End left = rig.left().end(SETUP, QueuePairType.UC);
        End right = rig.right().end(SETUP, QueuePairType.UC);
        connect(left, right);
        connect(right, left);
        QueuePairAttributes now = left.queuePair().query();
        assertThat(now.state()).isEqualTo(QueuePairState.RTS);
        assertThat(now.accessFlags()).isEqualTo(SETUP.peerMay());
        assertThat(now.addressVector()).isEqualTo(vector(right));
        assertThat(now.destinationQueuePairNumber()).isEqualTo(right.number());
        assertThat(now.pathMtu()).isEqualTo(Mtu.MTU_1024);
        Buffer own = rig.left().buffer(5000).fill(1);
        Buffer to = rig.right().buffer(5000);
        right.receive(1, to.all());
        assertThat(left.run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-QP-010")
    void shouldTellCapabilitiesTypeAndStateOfAnUnreliableConnection(Rig rig) {
        End end = rig.left().end(SETUP, QueuePairType.UC);
        assertThat(end.queuePair().type()).isEqualTo(QueuePairType.UC);
        assertThat(end.queuePair().capabilities())
                .isEqualTo(SETUP.options(end.sends(), end.receives()).capabilities());
        assertThat(end.queuePair().query().state()).isEqualTo(QueuePairState.RESET);
        end.initialize();
        assertThat(end.queuePair().query().state()).isEqualTo(QueuePairState.INIT);
    }

    @Test
    @Tag("PYV-QP-012")
    @Tag("PYV-QP-014")
    @Decision(ONE_CALL)
    void shouldCarryTheAttributesOfDatagrams(Rig rig) {
        End end = Datagrams.open(rig.left());
        QueuePairAttributes now = end.queuePair().query();
        assertThat(now.state()).isEqualTo(QueuePairState.RTS);
        assertThat(now.queueKey()).isEqualTo(Datagrams.QUEUE_KEY);
        assertThat(now.partitionKeyIndex()).isZero();
        assertThat(now.portNumber()).isEqualTo(1);
    }

    @Test
    @Tag("PYV-QP-026")
    void shouldTellWhatADatagramQueuePairWasModifiedTo(Rig rig) {
        End end = rig.left().end(SETUP, QueuePairType.UD);
        end.queuePair().modify(QueuePairAttributes.toInitDatagram(0x1234));
        QueuePairAttributes initial = end.queuePair().query();
        assertThat(initial.partitionKeyIndex()).isZero();
        assertThat(initial.portNumber()).isEqualTo(1);
        assertThat(initial.queueKey()).isEqualTo(0x1234);
        end.move(QueuePairState.RTR);
        end.queuePair().modify(QueuePairAttributes.toReadyToSendUnreliable(PSN));
        QueuePairAttributes ready = end.queuePair().query();
        assertThat(ready.sendPacketSequenceNumber()).isEqualTo(PSN);
        end.queuePair().modify(QueuePairAttributes.builder().queueKey(0x4321).build());
        assertThat(end.queuePair().query().queueKey()).isEqualTo(0x4321);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8000_0000, 0xffff_ffff})
    @Tag("PYV-QP-027")
    void shouldTakeAQueueKeyOfPrivilegedOnes(int key, Rig rig) {
        End end = rig.left().end(SETUP, QueuePairType.UD);
        end.queuePair().modify(QueuePairAttributes.toInitDatagram(key));
        assertThat(end.queuePair().query().has(QueuePairAttribute.QKEY)).isTrue();
        assertThat(end.queuePair().query().queueKey()).isEqualTo(key);
    }
}
