package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.link.InProcessLink;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// R65: packets of somebody who guessed addresses, queue pair and PSN. No field tells them from the
/// peer's, so that they are carried out; what can be seen of it is counted.
class GuessedPacketsTest {

    private static final int NUMBERS = 1 << 24;
    private static final int ACKNOWLEDGED = 1 << 12;
    private static final int BATCH = 64;
    private static final int MEMORY = 4096;
    private static final int FIRST_PSN = 0xff_fff0;
    private static final int MOST_TIMEOUTS = 20;
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(1);

    private final InProcessPair pair = new InProcessPair(MEMORY, Mtu.MTU_1024);
    private final InProcessLink attacker =
            pair.network.join(new GlobalIdentifier(0, 0xffff_0a00_0063L));
    private final OutboundPacket packet = new OutboundPacket();
    private final BthFlyweight bth = new BthFlyweight();
    private final Path asTheLeft =
            new Path(
                    pair.left.context.gidTable(1).getFirst().gid(),
                    pair.right.context.gidTable(1).getFirst().gid(),
                    4791,
                    0,
                    0);

    @AfterEach
    void close() {
        assertThat(pair.right.context.counters().get("engine_faults")).isZero();
        attacker.close();
        pair.left.close();
        pair.right.close();
    }

    /// As many packets as there are PSNs: the peer's next one is expected again. Acknowledgements
    /// of what it never sent tell the peer.
    @Test
    void r65ShouldGoOnAfterAsManyPacketsAsThereAreNumbers() {
        assertThat(write(1)).isEqualTo(WorkCompletionStatus.SUCCESS);
        inject(FIRST_PSN + 4, NUMBERS);
        assertThat(write(2)).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(pair.left.region.segment().mismatch(pair.right.region.segment())).isEqualTo(-1);
        assertThat(pair.right.state()).isEqualTo(QueuePairState.RTS);
        assertThat(pair.left.context.counters().get("dropped_bad_acknowledgement"))
                .as("the others look as if they were of something old")
                .isEqualTo(NUMBERS / ACKNOWLEDGED / 2);
    }

    /// Fewer: the peer's next one looks like a repetition, and what acknowledges it like an
    /// acknowledgement of what was never sent. Nothing is lost in silence: the retries run out.
    @Test
    void r65ShouldEndTheConnectionWhenThePeersNextLooksLikeADuplicate() {
        assertThat(write(1)).isEqualTo(WorkCompletionStatus.SUCCESS);
        inject(FIRST_PSN + 4, ACKNOWLEDGED);
        assertThat(write(2)).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(pair.right.context.counters().get("duplicate_requests")).isPositive();
        assertThat(pair.left.context.counters().get("dropped_bad_acknowledgement")).isPositive();
    }

    /// A WRITE of the region, four packets.
    private WorkCompletionStatus write(int content) {
        pair.left.fill(content);
        pair.left.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        content,
                        List.of(pair.left.region.element()),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
        pair.settle();
        List<WorkCompletion> done = pair.left.pollSends();
        for (int i = 0; i < MOST_TIMEOUTS && done.isEmpty(); i++) {
            pair.advance(ACK_TIMEOUT);
            done = pair.left.pollSends();
        }
        assertThat(done).hasSize(1);
        return done.getFirst().status();
    }

    /// WRITEs of no bytes, which need no key.
    private void inject(int firstPsn, int count) {
        RoceOpcode opcode = RoceOpcode.RC_WRITE_ONLY;
        int number = pair.right.queuePair.number();
        for (int i = 1; i <= count; i++) {
            packet.begin(asTheLeft, opcode.headerLength());
            packet.header().fill((byte) 0);
            bth.wrap(packet.header(), 0)
                    .initialize(opcode, number, firstPsn + i - 1, 0)
                    .ackRequest(i % ACKNOWLEDGED == 0);
            attacker.send(packet);
            if (i % BATCH == 0) {
                pair.owner.progress();
            }
        }
        pair.settle();
    }
}
