package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.roce.Conversation.Step;
import org.softverbs.soft.wire.packet.Captures;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AccessFlag;

/// The captured conversations with our engine in the place of each of their ends: it gets what that
/// end got, posts what that end posted, and must say what that end said.
///
/// The comparison: of the answers (ACK, NAK, READ and atomic responses) opcode, PSN, syndrome, MSN,
/// payload length and old value, in order; of the requests, each PSN once, opcode, payload length
/// and all header fields. What we do otherwise than rxe, and why:
///
/// | rxe | we | why |
/// | --- | --- | --- |
/// | NAK 0x60 behind an RNR NAK for the same PSN | nothing | the peer comes back anyway (T10) |
/// | AckReq on the last packet, or after 64 | also each 32 | a smaller window to send again |
/// | what the sender's netem dropped is not in the capture | sent | `lossy` conversations only |
/// | a program that ends leaves its last packet unanswered | answered | nothing closes ours |
/// | sends again by its own timers | by ours | only first transmissions are compared |
class GoldenReplayTest {

    private static final int RECEIVE_LENGTH = 1 << 20;

    static Stream<Conversation> conversations() {
        return Captures.files().stream().flatMap(file -> Conversation.of(file).stream());
    }

    @Test
    void shouldFindTheConversations() {
        List<String> names = conversations().map(Conversation::name).toList();
        for (String wanted :
                List.of(
                        "rxe4_rc_pingpong",
                        "rxe4_write_bw_8192",
                        "rxe4_read_bw_8192",
                        "rxe4_send_bw_8192",
                        "rxe4_atomic_lat_cs",
                        "rxe4_atomic_lat_fa",
                        "rxe4_loss_read",
                        "rxe4_loss_send",
                        "rxe4_loss_write",
                        "rxe4_rnr",
                        "user_psn",
                        "user_badop",
                        "user_perf_badkey",
                        "user_perf_badlen",
                        "user_perf_bounds",
                        "user_perf_good",
                        "user_perf_zeroread",
                        "user_perf_zerowrite",
                        "user_rc_pingpong",
                        "rxe6_rc_pingpong")) {
            assertThat(names).as(wanted).anyMatch(name -> name.startsWith(wanted));
        }
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void shouldAnswerAsTheKernelDid(Conversation conversation) {
        Replay replay = new Replay(conversation);
        replay.run();
        compareAnswers(conversation, replay.answers);
        compareRequests(conversation, replay.requests);
    }

    private static void compareAnswers(Conversation conversation, List<RocePacket> ours) {
        List<String> expected = new ArrayList<>();
        int rnrPsn = -1;
        for (Step step : conversation.steps()) {
            if (!step.sent() || step.opcode().isRequest()) {
                continue;
            }
            int syndrome = syndrome(step.packet());
            if (syndrome == AckSyndrome.NAK_PSN_SEQUENCE_ERROR && step.psn() == rnrPsn) {
                continue; // the first line of the table
            }
            rnrPsn = AckSyndrome.isRnrNak(syndrome) ? step.psn() : -1;
            expected.add(describe(step.packet()));
        }
        List<String> said = ours.stream().map(GoldenReplayTest::describe).toList();
        if (conversation.lossy()) {
            assertThat(said).containsSubsequence(expected);
        } else {
            assertThat(said.size() - expected.size()).isBetween(0, conversation.isCut() ? 1 : 0);
            assertThat(said.subList(0, expected.size())).isEqualTo(expected);
        }
    }

    private static int syndrome(RocePacket packet) {
        return packet.bth().opcode() == RoceOpcode.RC_ACKNOWLEDGE
                ? new SentPacket(packet).syndrome()
                : AckSyndrome.ACK_UNLIMITED;
    }

    private static String describe(RocePacket packet) {
        return packet.bth().opcode()
                + " psn "
                + packet.bth().psn()
                + " length "
                + packet.payload().length()
                + " "
                + packet.extensions();
    }

    private static void compareRequests(Conversation conversation, List<RocePacket> ours) {
        Map<Integer, RocePacket> first = new HashMap<>();
        ours.forEach(packet -> first.putIfAbsent(packet.bth().psn(), packet));
        for (Step step : conversation.requests()) {
            RocePacket sent = first.get(step.psn());
            assertThat(sent)
                    .as("request with PSN %s of frame %s", step.psn(), step.frame())
                    .isNotNull();
            if (sent != null) {
                assertThat(describe(sent)).isEqualTo(describe(step.packet()));
                assertThat(sent.bth().solicitedEvent())
                        .isEqualTo(step.packet().bth().solicitedEvent());
            }
        }
    }

    /// One run of an engine through a conversation.
    private static final class Replay {

        final List<RocePacket> answers = new ArrayList<>();
        final List<RocePacket> requests = new ArrayList<>();
        private final Conversation conversation;
        private final EngineScript script;
        private final List<List<Step>> messages;
        private int posted;
        private int sentUpTo;

        Replay(Conversation conversation) {
            this.conversation = conversation;
            this.messages = messages(conversation.requests());
            this.sentUpTo = conversation.firstPsn(true);
            this.script =
                    new EngineScript(
                            false,
                            new CapturedMemory(conversation),
                            connection ->
                                    connection
                                            .mtu(conversation.mtu())
                                            .sendPsn(conversation.firstPsn(true))
                                            .receivePsn(conversation.firstPsn(false))
                                            .accessBits(access())
                                            .maxReadAtomic(16)
                                            .maxDestinationReadAtomic(128));
        }

        /// What the peer was let do: each operation that was not refused as one that is not
        /// allowed.
        private int access() {
            int bits = 0;
            for (Step step : conversation.steps()) {
                boolean got = !step.sent() && step.opcode().isRequest();
                if (got && !conversation.refused(step, AckSyndrome.NAK_INVALID_REQUEST)) {
                    bits |=
                            switch (step.opcode().operation()) {
                                case WRITE -> AccessFlag.REMOTE_WRITE.bit();
                                case READ_REQUEST -> AccessFlag.REMOTE_READ.bit();
                                case COMPARE_SWAP, FETCH_ADD -> AccessFlag.REMOTE_ATOMIC.bit();
                                case ATOMIC_WRITE, FLUSH -> throw unseen(step.opcode());
                                case SEND, READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> 0;
                            };
                }
            }
            return bits;
        }

        private static List<List<Step>> messages(List<Step> packets) {
            List<List<Step>> found = new ArrayList<>();
            List<Step> current = new ArrayList<>();
            for (Step packet : packets) {
                current.add(packet);
                if (packet.opcode().endsMessage()) {
                    found.add(current);
                    current = new ArrayList<>();
                }
            }
            return found;
        }

        void run() {
            for (Step step : conversation.steps()) {
                if (step.sent()) {
                    postUpTo(step);
                } else if (step.opcode().isRequest()) {
                    provideReceive(step);
                    script.inject(step.packet());
                } else {
                    waitUntilSent(step.psn());
                    script.inject(step.packet());
                }
                collect();
            }
        }

        private void collect() {
            for (RocePacket packet : script.takeSent()) {
                if (packet.bth().opcode().isRequest()) {
                    requests.add(packet);
                    int next =
                            PacketSequenceNumber.add(
                                    packet.bth().psn(), conversation.sequenceNumbers(packet));
                    if (PacketSequenceNumber.isAfter(next, sentUpTo)) {
                        sentUpTo = next;
                    }
                } else {
                    answers.add(packet);
                }
            }
        }

        /// The end had posted everything up to the message of this packet.
        private void postUpTo(Step step) {
            if (!step.opcode().isRequest()) {
                return;
            }
            while (posted < messages.size()) {
                List<Step> message = messages.get(posted);
                if (PacketSequenceNumber.isAfter(message.getFirst().psn(), step.psn())) {
                    return;
                }
                post(message);
                posted++;
            }
        }

        private void post(List<Step> message) {
            RocePacket first = message.getFirst().packet();
            RocePacket last = message.getLast().packet();
            long length = message.stream().mapToLong(s -> s.packet().payload().length()).sum();
            SentPacket fields = new SentPacket(first);
            SendOperation operation = operation(last);
            SendWqe wqe = script.begin(posted, operation);
            if (operation == SendOperation.RDMA_READ) {
                length = fields.reth().dmaLength();
            }
            if (operation.isAtomic()) {
                Extension.AtomicEth atomic = fields.extension(Extension.AtomicEth.class);
                wqe.remote(atomic.virtualAddress(), atomic.remoteKey());
                wqe.operands(atomic.compare(), atomic.swapOrAdd());
                length = Long.BYTES;
            } else if (operation.isWrite() || operation == SendOperation.RDMA_READ) {
                wqe.remote(fields.reth().virtualAddress(), fields.reth().remoteKey());
            }
            if (last.bth().opcode().hasImmediate()) {
                wqe.immediateOrKey(
                        new SentPacket(last).extension(Extension.ImmDt.class).immediate());
            } else if (last.bth().opcode().hasInvalidate()) {
                wqe.immediateOrKey(
                        new SentPacket(last).extension(Extension.Ieth.class).remoteKey());
            }
            wqe.solicited(last.bth().solicitedEvent());
            wqe.elements().add(0, (int) length, CapturedMemory.OWN_KEY);
            script.post();
        }

        private static AssertionError unseen(RoceOpcode opcode) {
            return new AssertionError("the kernel that was captured has no " + opcode);
        }

        private static SendOperation operation(RocePacket last) {
            RoceOpcode opcode = last.bth().opcode();
            return switch (opcode.operation()) {
                case SEND ->
                        opcode.hasImmediate()
                                ? SendOperation.SEND_WITH_IMMEDIATE
                                : opcode.hasInvalidate()
                                        ? SendOperation.SEND_WITH_INVALIDATE
                                        : SendOperation.SEND;
                case WRITE ->
                        opcode.hasImmediate()
                                ? SendOperation.RDMA_WRITE_WITH_IMMEDIATE
                                : SendOperation.RDMA_WRITE;
                case READ_REQUEST -> SendOperation.RDMA_READ;
                case COMPARE_SWAP -> SendOperation.COMPARE_AND_SWAP;
                case FETCH_ADD -> SendOperation.FETCH_AND_ADD;
                case ATOMIC_WRITE, FLUSH -> throw unseen(opcode);
                case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE ->
                        throw new IllegalArgumentException(opcode + " is no request");
            };
        }

        /// Lets waits and timeouts pass until what the peer answers was sent.
        private void waitUntilSent(int psn) {
            for (int i = 0; i < 8 && !PacketSequenceNumber.isBefore(psn, sentUpTo); i++) {
                long deadline = script.engine.nextDeadline();
                if (deadline == Long.MAX_VALUE) {
                    return;
                }
                script.advance(deadline - script.now());
                collect();
            }
        }

        /// A receive was there unless the end answered that there was none.
        private void provideReceive(Step step) {
            RoceOpcode opcode = step.opcode();
            boolean takes =
                    opcode.operation() == RoceOpcode.Operation.SEND
                            ? opcode.startsMessage()
                            : opcode.hasImmediate();
            if (takes && script.qp.receiveQueue().isEmpty() && !answeredNotReady(step)) {
                script.postReceive(step.frame(), 0, RECEIVE_LENGTH, CapturedMemory.OWN_KEY);
            }
        }

        private boolean answeredNotReady(Step request) {
            boolean behind = false;
            for (Step step : conversation.steps()) {
                boolean samePsn = step.psn() == request.psn();
                if (step == request) {
                    behind = true;
                } else if (behind && samePsn && !step.sent() && step.opcode().isRequest()) {
                    return false;
                } else if (behind && step.sent() && step.opcode() == RoceOpcode.RC_ACKNOWLEDGE) {
                    int syndrome = new SentPacket(step.packet()).syndrome();
                    if (samePsn && AckSyndrome.isRnrNak(syndrome)) {
                        return true;
                    }
                    if (AckSyndrome.isAck(syndrome)
                            && !PacketSequenceNumber.isBefore(step.psn(), request.psn())) {
                        return false;
                    }
                }
            }
            return false;
        }
    }
}
