package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.DOMAIN;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.roce.EngineScript.LOCAL;
import static org.softverbs.soft.roce.EngineScript.LOCAL_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY_WITH_INVALIDATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.FastMapping;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Requests without a packet: when they are carried out, when they complete, and how they fail.
class LocalOperationScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;
    private static final int PEER_PSN = EngineScript.RECEIVE_PSN;
    private static final int FAST_KEY = 0x0c0c_0c10;
    private static final int WINDOW_KEY = 0x0d0d_0d20;

    private final EngineScript script =
            new EngineScript(
                    false,
                    MemoryAccessDoubles.NONE,
                    new Accessor(DOMAIN, EngineScript.NUMBER, true),
                    connection -> {});
    private final FastMemory fast = newFast(DOMAIN);
    private final WindowMemory window =
            new WindowMemory(MemoryWindowType.TYPE_2, DOMAIN, WINDOW_KEY);

    LocalOperationScriptTest() {
        script.keys.add(fast);
        script.keys.add(window);
    }

    /// A region that opens the script's own local memory, at addresses from 0 on.
    private FastMemory newFast(int domain) {
        FastMemory memory =
                new FastMemory(
                        domain,
                        (address, length, write, runs) -> {
                            runs.add(script.local, address, length);
                            return AccessResult.GRANTED;
                        },
                        FAST_KEY);
        memory.map(
                FastMapping.of(List.of(new DmaSegment(AddressSpace.PHYSICAL, 0, 8192)), 0, 4096, 16)
                        .orElseThrow());
        return memory;
    }

    private SendWqe register(long id, int key) {
        SendWqe wqe = script.begin(id, SendOperation.REGISTER_MEMORY);
        wqe.remote(0, key);
        wqe.accessBits(EngineScript.ALL_ACCESS);
        return wqe;
    }

    private SendWqe invalidate(long id, int key) {
        SendWqe wqe = script.begin(id, SendOperation.LOCAL_INVALIDATE);
        wqe.immediateOrKey(key);
        return wqe;
    }

    private SendWqe bind(long id, int key, int regionKey, long length) {
        SendWqe wqe = script.begin(id, SendOperation.BIND_MEMORY_WINDOW);
        wqe.remote(EXPOSED, key);
        wqe.binding(regionKey, length);
        wqe.accessBits(EngineScript.ALL_ACCESS);
        return wqe;
    }

    private void write(long id, boolean signaled) {
        script.post(id, SendOperation.RDMA_WRITE, 8, wqe -> wqe.signaled(signaled));
    }

    @Test
    void shouldPutNothingOnTheWire() {
        register(1, FAST_KEY + 1);
        script.post();
        bind(2, WINDOW_KEY + 1, EXPOSED_KEY, 64);
        script.post();
        invalidate(3, WINDOW_KEY + 1);
        script.post();
        invalidate(4, FAST_KEY + 1);
        script.post();
        assertThat(script.packetsLeft()).isZero();
        assertThat(script.expectCompletion(1, WorkCompletionStatus.SUCCESS).opcode())
                .isEqualTo(WorkCompletionOpcode.REG_MR);
        assertThat(script.expectCompletion(2, WorkCompletionStatus.SUCCESS).opcode())
                .isEqualTo(WorkCompletionOpcode.BIND_MW);
        assertThat(script.expectCompletion(3, WorkCompletionStatus.SUCCESS).opcode())
                .isEqualTo(WorkCompletionOpcode.LOCAL_INV);
        script.expectCompletion(4);
        script.expectNothing();
        assertThat(script.engine.nextSendPsn()).isEqualTo(PSN);
        assertThat(fast.state()).isEqualTo(FastRegionState.INVALID);
        assertThat(script.detaches()).isEqualTo(4);
    }

    @Test
    void shouldCarryOutARegistrationBeforeTheRequestBehindIt() {
        register(1, FAST_KEY);
        script.queue();
        SendWqe wqe = script.begin(2, SendOperation.RDMA_WRITE);
        wqe.elements().add(0, 8, FAST_KEY);
        script.post();
        script.expectCompletion(1);
        script.expectPacket(RC_WRITE_ONLY, PSN).payload(8);
        script.expectNothing();
    }

    @Test
    void shouldCompleteInOrderBehindWhatIsNotAcknowledged() {
        write(1, true);
        register(2, FAST_KEY);
        script.post();
        write(3, true);
        assertThat(fast.state()).isEqualTo(FastRegionState.VALID);
        script.expectPacket(RC_WRITE_ONLY, PSN);
        script.expectPacket(RC_WRITE_ONLY, PSN + 1);
        script.expectNothing();
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
        script.expectCompletion(2);
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 1));
        script.expectCompletion(3);
    }

    @Test
    void shouldInvalidateWhenEverythingBeforeIsCompletedAndNotSooner() {
        register(1, FAST_KEY);
        script.post();
        script.expectCompletion(1);
        SendWqe wqe = script.begin(2, SendOperation.RDMA_WRITE);
        wqe.elements().add(0, 8, FAST_KEY);
        script.queue();
        invalidate(3, FAST_KEY);
        script.post();
        script.expectPacket(RC_WRITE_ONLY, PSN).askingForAck(true);
        assertThat(fast.state()).isEqualTo(FastRegionState.VALID);
        // The packet was lost: it is sent again from memory that is still registered.
        script.advance(100_000_000);
        script.expectPacket(RC_WRITE_ONLY, PSN).payload(8);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2);
        script.expectCompletion(3);
        script.expectNothing();
        assertThat(fast.state()).isEqualTo(FastRegionState.INVALID);
    }

    /// Nobody waits for the write: it asks for an acknowledgement all the same.
    @Test
    void shouldAskForAnAcknowledgementBeforeALocalOperation() {
        SendWqe wqe = script.begin(1, SendOperation.RDMA_WRITE);
        wqe.signaled(false);
        wqe.elements().add(LOCAL, 8, LOCAL_KEY);
        script.queue();
        invalidate(2, FAST_KEY);
        script.post();
        script.expectPacket(RC_WRITE_ONLY, PSN).askingForAck(true);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2);
        script.expectNothing();
    }

    /// The same when it is posted later: the probe asks.
    @Test
    void shouldProbeForAnInvalidationThatWaits() {
        write(1, false);
        script.expectPacket(RC_WRITE_ONLY, PSN).askingForAck(false);
        register(2, FAST_KEY);
        script.post();
        invalidate(3, FAST_KEY);
        script.post();
        script.expectNothing();
        script.advance(2_000_000);
        script.expectPacket(RC_WRITE_ONLY, PSN).askingForAck(true);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2);
        script.expectCompletion(3);
        script.expectNothing();
    }

    @Test
    void shouldHonourTheFence() {
        script.post(1, SendOperation.RDMA_READ, 8);
        register(2, FAST_KEY).fenced(true);
        script.post();
        script.expectPacket(RC_READ_REQUEST, PSN);
        assertThat(fast.state()).isEqualTo(FastRegionState.FREE);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectCompletion(1);
        script.expectCompletion(2);
        assertThat(fast.state()).isEqualTo(FastRegionState.VALID);
    }

    @Test
    void shouldNotFenceWithoutTheFlag() {
        script.post(1, SendOperation.RDMA_READ, 8);
        register(2, FAST_KEY);
        script.post();
        assertThat(fast.state()).isEqualTo(FastRegionState.VALID);
    }

    /// A registration that was carried out twice would fail: the region is valid.
    @Test
    void shouldNotCarryOutAgainWhatIsSentAgain() {
        write(1, true);
        register(2, FAST_KEY);
        script.post();
        write(3, true);
        bind(4, WINDOW_KEY, EXPOSED_KEY, 64);
        script.post();
        write(5, true);
        script.dropSent();
        script.inject(TestPacket.nak(PSN, AckSyndrome.NAK_PSN_SEQUENCE_ERROR));
        script.expectPacket(RC_WRITE_ONLY, PSN);
        script.expectPacket(RC_WRITE_ONLY, PSN + 1);
        script.expectPacket(RC_WRITE_ONLY, PSN + 2);
        script.inject(TestPacket.ack(PSN + 2));
        for (int id = 1; id <= 5; id++) {
            script.expectCompletion(id);
        }
        script.expectNothing();
        script.expectState(QueuePairState.RTS);
    }

    /// RUT-MW-018, 022, 024.
    @Test
    void shouldCompleteUnsignaledOnesOnlyWhenTheyFail() {
        register(1, FAST_KEY).signaled(false);
        script.post();
        invalidate(2, FAST_KEY).signaled(false);
        script.post();
        script.expectNothing();
        assertThat(fast.state()).isEqualTo(FastRegionState.INVALID);
        bind(3, WINDOW_KEY, 0xbad, 64).signaled(false);
        script.post();
        script.expectCompletion(3, WorkCompletionStatus.MW_BIND_ERR);
        script.expectState(QueuePairState.ERR);
        script.expectNothing();
    }

    @Test
    void shouldFailInTurnAndFlushWhatIsBehind() {
        write(1, true);
        register(2, FAST_KEY + 0x100);
        script.post();
        write(3, true);
        script.expectPacket(RC_WRITE_ONLY, PSN);
        script.expectNothing();
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
        script.expectCompletion(2, WorkCompletionStatus.MW_BIND_ERR);
        script.expectCompletion(3, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectState(QueuePairState.ERR);
        script.expectNothing();
    }

    /// RUT-MW-016.
    @Test
    void shouldBeFlushedInErr() {
        script.modifyTo(QueuePairState.ERR);
        bind(1, WINDOW_KEY, EXPOSED_KEY, 64);
        script.post();
        script.expectCompletion(1, WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(
                        script.keys.resolve(
                                EngineScript.ACCESSOR,
                                WINDOW_KEY,
                                EXPOSED,
                                1,
                                AccessRight.REMOTE_READ,
                                new RunList()))
                .isEqualTo(AccessResult.NOT_VALID);
    }

    @Test
    void shouldWaitWhileTheSendQueueDrains() {
        script.modifyTo(QueuePairState.SQD);
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        register(1, FAST_KEY);
        script.post();
        script.expectNothing();
        script.modifyTo(QueuePairState.RTS);
        script.expectCompletion(1);
    }

    /// Fast registration is kernel code's.
    @Test
    void shouldRefuseARegistrationOfAUser() {
        EngineScript user = EngineScript.connected();
        user.keys.add(newFast(DOMAIN));
        SendWqe wqe = user.begin(1, SendOperation.REGISTER_MEMORY);
        wqe.remote(0, FAST_KEY);
        user.post();
        user.expectCompletion(1, WorkCompletionStatus.LOC_QP_OP_ERR);
        user.expectState(QueuePairState.ERR);
        user.expectNothing();
    }

    /// The peer ends a registration, once; the data arrives, the next use of the key is refused.
    @Test
    void shouldEndARegistrationForThePeer() {
        register(1, FAST_KEY);
        script.post();
        script.expectCompletion(1);
        script.postReceive(2, 100);
        script.inject(
                TestPacket.of(RC_SEND_ONLY_WITH_INVALIDATE, PEER_PSN)
                        .invalidate(FAST_KEY)
                        .payload(8)
                        .askForAck());
        script.expectAck(PEER_PSN);
        assertThat(script.expectReceive(2, WorkCompletionOpcode.RECV, 8).invalidatedKey())
                .hasValue(FAST_KEY);
        assertThat(fast.state()).isEqualTo(FastRegionState.INVALID);
        script.inject(TestPacket.of(RC_WRITE_ONLY, PEER_PSN + 1).reth(0, FAST_KEY, 8).payload(8));
        script.expectNak(PEER_PSN + 1, AckSyndrome.NAK_REMOTE_ACCESS_ERROR);
    }

    /// A retransmission is acknowledged and nothing more: the key may be in use anew.
    @Test
    void shouldNotEndARegistrationTwice() {
        register(1, FAST_KEY);
        script.post();
        script.postReceive(2, 100);
        TestPacket send =
                TestPacket.of(RC_SEND_ONLY_WITH_INVALIDATE, PEER_PSN)
                        .invalidate(FAST_KEY)
                        .payload(8)
                        .askForAck();
        script.inject(send);
        register(3, FAST_KEY);
        script.post();
        script.clearRecords();
        script.inject(send);
        script.expectAck(PEER_PSN);
        script.expectNothing();
        assertThat(fast.state()).isEqualTo(FastRegionState.VALID);
        script.postReceive(4, 100);
        script.inject(TestPacket.of(RC_SEND_ONLY, PEER_PSN + 1).payload(8));
        script.expectReceive(4, WorkCompletionOpcode.RECV, 8);
    }
}
