package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.device.Refusals.refused;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttribute;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;

/// Rows A17 to A19 of the bad input catalogue: attributes and sizes out of range.
class AttributeMisuseTest {

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
    private final TestNode node = pair.left;

    /// A17.
    @Test
    void shouldRefuseAttributesOutOfRangeAndChangeNothing() {
        QueuePair fresh = node.newQueuePair();
        fresh.modify(QueuePairAttributes.toInit(Set.of()));
        refusedMove(fresh, readyToReceive().destinationQueuePairNumber(1 << 24), "DEST_QPN");
        refusedMove(fresh, readyToReceive().receivePacketSequenceNumber(-1), "RQ_PSN -1");
        refusedMove(fresh, readyToReceive().minRnrTimer(32), "MIN_RNR_TIMER 32");
        refusedMove(fresh, readyToReceive().maxDestinationReadAtomic(129), "129", "128");
        AddressVector wrongIndex = new AddressVector(node.context.gidTable(1).getFirst().gid(), 3);
        refusedMove(fresh, readyToReceive().addressVector(wrongIndex), "source GID index 3");
        refusedMove(fresh, readyToReceive().without(QueuePairAttribute.RQ_PSN), "RQ_PSN");
        refusedMove(fresh, readyToReceive().timeout(3), "TIMEOUT");
        assertThat(fresh.state()).isEqualTo(QueuePairState.INIT);
        assertThat(fresh.query().destinationQueuePairNumber()).isZero();
        fresh.modify(readyToReceive().build());
        refusedMove(fresh, readyToSend().timeout(32), "TIMEOUT 32 is not within 0 and 31");
        refusedMove(fresh, readyToSend().retryCount(8), "RETRY_CNT 8");
        refusedMove(fresh, readyToSend().rnrRetry(-1), "RNR_RETRY -1");
        refusedMove(fresh, readyToSend().sendPacketSequenceNumber(1 << 24), "SQ_PSN");
        refusedMove(fresh, readyToSend().maxReadAtomic(1000), "MAX_QP_RD_ATOMIC 1000");
        refusedMove(fresh, readyToSend().currentState(QueuePairState.RTS), "CUR_STATE");
        fresh.modify(readyToSend().build());
        assertThat(fresh.state()).isEqualTo(QueuePairState.RTS);
    }

    private static void refusedMove(
            QueuePair queuePair, QueuePairAttributes.Builder attributes, String... parts) {
        refused(Errno.EINVAL, () -> queuePair.modify(attributes.build()), parts);
    }

    private QueuePairAttributes.Builder readyToReceive() {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTR)
                .addressVector(new AddressVector(node.context.gidTable(1).getFirst().gid(), 0))
                .destinationQueuePairNumber(5)
                .receivePacketSequenceNumber(0)
                .pathMtu(Mtu.MTU_256)
                .maxDestinationReadAtomic(1)
                .minRnrTimer(0);
    }

    private static QueuePairAttributes.Builder readyToSend() {
        return QueuePairAttributes.builder()
                .state(QueuePairState.RTS)
                .sendPacketSequenceNumber(0)
                .timeout(1)
                .retryCount(1)
                .rnrRetry(1)
                .maxReadAtomic(1);
    }

    /// A18, A19.
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, (1 << 20) + 1, Integer.MAX_VALUE})
    void shouldRefuseACompletionQueueOfSuchSize(int entries) {
        refused(
                Errno.EINVAL,
                () -> node.context.createCompletionQueue(entries),
                "entries " + entries,
                "1 and 1048576");
        int most = Math.min(entries, 0);
        assertThatThrownBy(() -> node.sends.poll(most))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max " + most);
        assertThat(node.sends.poll(Integer.MAX_VALUE)).isEmpty();
    }
}
