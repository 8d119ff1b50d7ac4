package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.PrivateData;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;
import org.softverbs.soft.wire.mad.CmReplyFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdReplyFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdRequestFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// The engine in the place of one of the two Linux hosts of a capture, with the numbers that chance
/// gave that host: it says byte for byte what the host said.
class CmCaptureTest {

    /// One host of a capture, replaced.
    private static final class Host implements CmOutput, CmIdentity {

        private final GlobalIdentifier gid;
        private final List<CmBench.Mad> mads;
        private final Deque<Integer> numbers = new ArrayDeque<>();
        private final MemorySegment datagram = MemorySegment.ofArray(new byte[256]);
        private final List<String> said = new ArrayList<>();
        private final List<String> expected = new ArrayList<>();
        private final CmEngine engine;
        private @Nullable CmConnection connection;
        private long guid;
        private int maxPathMtu = 5;
        private int nextQueuePair = 0x11;

        private Host(GlobalIdentifier gid, List<CmBench.Mad> mads) {
            this.gid = gid;
            this.mads = mads;
            List<CmBench.Mad> own = mads.stream().filter(it -> it.from().equals(gid)).toList();
            // The prefix of this host's own transactions; of one that starts none any will do.
            numbers.add(
                    own.stream()
                            .filter(Host::startsTransaction)
                            .findFirst()
                            .map(it -> (int) (it.header().transactionId() >>> 32))
                            .orElse(1));
            for (CmBench.Mad mad : own) {
                switch (Objects.requireNonNull(mad.attribute())) {
                    case REQ, REP, SIDR_REQ -> numbers.add(mad.word(0));
                    case SIDR_REP -> numbers.add(0x5151);
                    default -> {}
                }
                guid(mad);
            }
            engine = new CmEngine(this, CmLimits.DEFAULT, this);
        }

        private static boolean startsTransaction(CmBench.Mad mad) {
            return CapturedMads.is(mad, CmAttribute.REQ)
                    || CapturedMads.is(mad, CmAttribute.DREQ)
                    || CapturedMads.is(mad, CmAttribute.SIDR_REQ);
        }

        private void guid(CmBench.Mad mad) {
            if (CapturedMads.is(mad, CmAttribute.REQ)) {
                guid = new CmRequestFlyweight().wrap(mad.message(), 0).localCaGuid();
            } else if (CapturedMads.is(mad, CmAttribute.REP)) {
                guid = new CmReplyFlyweight().wrap(mad.message(), 0).localCaGuid();
            }
        }

        private void play() {
            for (CmBench.Mad mad : mads) {
                if (mad.from().equals(gid)) {
                    expected.add(hex(mad.bytes()));
                    say(mad);
                } else {
                    engine.onDatagram(mad.bytes(), 0, mad.bytes().byteSize(), gid, mad.from(), 1);
                }
            }
        }

        /// What a program brings about; all else the engine says by itself.
        private void say(CmBench.Mad mad) {
            switch (Objects.requireNonNull(mad.attribute())) {
                case REQ -> connection = engine.connect(request(mad), this::onNotice, 1);
                case REP -> engine.accept(Objects.requireNonNull(connection), reply(mad), 1);
                case DREQ -> engine.disconnect(Objects.requireNonNull(connection), 1);
                case SIDR_REQ -> {
                    CmServiceIdRequestFlyweight req =
                            new CmServiceIdRequestFlyweight().wrap(mad.message(), 0);
                    engine.askForService(
                            gid,
                            mad.to(),
                            req.serviceId(),
                            CmRequest.Timing.DEFAULT,
                            CmTables.data(req.privateData()),
                            this::onNotice,
                            1);
                }
                case SIDR_REP -> {
                    CmServiceIdReplyFlyweight rep =
                            new CmServiceIdReplyFlyweight().wrap(mad.message(), 0);
                    engine.answer(
                            Objects.requireNonNull(connection),
                            new CmServiceReply(
                                    rep.status(),
                                    rep.qpn(),
                                    rep.queueKey(),
                                    CmTables.data(rep.privateData())),
                            1);
                }
                default -> {}
            }
        }

        private void listen() {
            for (CmBench.Mad mad : mads) {
                if (!mad.to().equals(gid)) {
                    continue;
                }
                if (CapturedMads.is(mad, CmAttribute.REQ)) {
                    listen(new CmRequestFlyweight().wrap(mad.message(), 0).serviceId());
                } else if (CapturedMads.is(mad, CmAttribute.SIDR_REQ)) {
                    listen(new CmServiceIdRequestFlyweight().wrap(mad.message(), 0).serviceId());
                }
            }
        }

        private void listen(long service) {
            if (engine.retained() == 0) {
                engine.listen(service, Optional.empty(), 8, this::onNotice);
            }
        }

        private void onNotice(CmNotice notice, long nowNanos) {
            switch (notice) {
                case CmNotice.RequestReceived(CmConnection asked, _, _) -> connection = asked;
                case CmNotice.ServiceRequested(CmConnection asked, _, _, _) -> connection = asked;
                case CmNotice.ReplyReceived(CmConnection asked, _) ->
                        engine.readyToUse(asked, PrivateData.EMPTY, nowNanos);
                default -> {}
            }
        }

        private CmRequest request(CmBench.Mad mad) {
            CmPathFlyweight path = new CmPathFlyweight();
            CmRequestFlyweight req = new CmRequestFlyweight().wrap(mad.message(), 0);
            req.primaryPath(path);
            return new CmRequest(
                    gid,
                    mad.to(),
                    req.serviceId(),
                    TransportService.values()[req.transportService()],
                    new CmRequest.QueuePairEnd(req.localQpn(), req.startingPsn(), req.srq(), 0),
                    new CmRequest.Options(
                            req.responderResources(),
                            req.initiatorDepth(),
                            req.retryCount(),
                            req.rnrRetryCount(),
                            req.endToEndFlowControl(),
                            req.pathMtu(),
                            path.flowLabel(),
                            path.trafficClass(),
                            path.hopLimit(),
                            path.serviceLevel()),
                    CmRequest.Timing.DEFAULT,
                    CmTables.data(req.privateData()));
        }

        private static CmReply reply(CmBench.Mad mad) {
            CmReplyFlyweight rep = new CmReplyFlyweight().wrap(mad.message(), 0);
            return new CmReply(
                    new CmRequest.QueuePairEnd(rep.localQpn(), rep.startingPsn(), rep.srq(), 0),
                    rep.responderResources(),
                    rep.initiatorDepth(),
                    CmSender.TARGET_ACK_DELAY,
                    rep.rnrRetryCount(),
                    rep.endToEndFlowControl(),
                    CmTables.data(rep.privateData()));
        }

        /// Takes a message, and accepts what is asked, with the number that Linux gave it.
        private void receive(List<CmBench.Mad> capture, CmBench.Mad mad) {
            connection = null;
            numbers.clear();
            int asked = mad.word(0);
            capture.stream()
                    .filter(it -> CapturedMads.is(it, CmAttribute.REP) && it.word(4) == asked)
                    .findFirst()
                    .ifPresent(it -> numbers.add(it.word(0)));
            engine.onDatagram(mad.bytes(), 0, mad.bytes().byteSize(), gid, mad.from(), 1);
            if (connection != null) {
                CmReply reply =
                        new CmReply(
                                new CmRequest.QueuePairEnd(nextQueuePair++, 1, false, 0),
                                1,
                                1,
                                15,
                                7,
                                true,
                                PrivateData.EMPTY);
                engine.accept(connection, reply, 1);
            }
        }

        private static String hex(MemorySegment bytes) {
            return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public long guid() {
            return guid;
        }

        @Override
        public boolean hasGid(GlobalIdentifier other) {
            return gid.equals(other);
        }

        @Override
        public int maxPathMtu() {
            return maxPathMtu;
        }

        @Override
        public int randomBits(int bits) {
            return numbers.isEmpty() ? 0x1234_5678 : numbers.poll();
        }

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public MemorySegment datagram() {
            return datagram;
        }

        @Override
        public void send(GlobalIdentifier local, GlobalIdentifier remote) {
            said.add(hex(datagram));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rxe4_rping, 0",
        "rxe4_rping, 1",
        "rxe4_ucmatose, 0",
        "rxe4_ucmatose, 1",
        // The DREQs of the other side cross: it depends on the order in which they were seen.
        "rxe4_rdma_client, 1",
        "rxe4_mtu4096_rping, 0",
        "rxe4_mtu4096_rping, 1",
        "rxe6_rping, 0",
        "rxe6_rping, 1",
        "rxe4_udaddy, 0",
        "rxe4_udaddy, 1",
        "rxe4_cm_reject, 0",
    })
    void shouldSayWhatLinuxSaid(String capture, int side) {
        List<CmBench.Mad> mads = CapturedMads.read(capture);
        GlobalIdentifier gid = side == 0 ? mads.getFirst().from() : mads.getFirst().to();
        Host host = new Host(gid, mads);
        host.listen();
        host.play();
        assertThat(host.said).isEqualTo(host.expected);
    }

    @Test
    void shouldRefuseAsLinuxDidWhenNobodyListens() {
        List<CmBench.Mad> mads = CapturedMads.read("rxe4_cm_reject");
        Host host = new Host(mads.getFirst().to(), mads);
        host.play();
        assertThat(host.said).isEqualTo(host.expected);
    }

    /// Both sides of perftest's two connections, up to where their DREQs cross.
    @ParameterizedTest
    @ValueSource(strings = {"rxe4_cm_write_bw", "rxe4_cm_send_bw"})
    void shouldSetUpBothConnectionsOfPerftestAsLinuxDid(String capture) {
        List<CmBench.Mad> mads = CapturedMads.read(capture).subList(0, 6);
        for (GlobalIdentifier gid : List.of(mads.getFirst().from(), mads.getFirst().to())) {
            Host host = new Host(gid, mads);
            host.listen();
            host.play();
            assertThat(host.said).isEqualTo(host.expected);
        }
    }

    /// Requests of a hostile client, and what Linux and the engine make of each. Where they differ,
    /// Linux makes a connection that cannot work, or answers somebody who did not ask.
    @ParameterizedTest
    @CsvSource({
        "1001, REP, REP, as Linux sends it",
        "1002, REP, REP, hop limit 1; LID 0",
        "1003, REP, REP, hop limit 64; LID 0",
        "1004, REP, REP, GUID 0",
        "1005, REJ 12, REJ 12, no GIDs",
        "1006, REJ 12, REJ 12, another remote GID",
        "1007, nothing, REJ 12, another local GID: Linux answers that one",
        "1008, REP, REJ 26, path MTU 4096 on an interface of 1500",
        "1009, REP, REJ 26, path MTU 0",
        "100a, REJ 28, REJ 28, version of the IP header",
        "100b, REJ 28, REJ 28, no IP header",
        "100c, REJ 28, REJ 28, another source in the IP header",
        "100d, REJ 28, REJ 28, another destination in the IP header",
        "100e, REJ 8, REJ 8, another port",
        "100f, REJ 8, REJ 8, another port space",
        "1011, REP, REP, a limited member of the partition",
        "1013, REP, REP, not from queue pair 1",
        "1014, REP, REP, nothing behind its 200th byte",
        "1015, nothing, nothing, another method",
        "1016, REP, REP, a queue pair",
        "1017, REJ 10, REJ 10, the same queue pair",
        "1018, REP, REJ 5, queue pair 0",
        "1019, REP, REP, no READs",
        "101a, REP, REP, 200 READs",
    })
    void shouldTreatOddRequestsAsLinuxDidOrBetter(
            String id, String linux, String engine, String what) {
        List<CmBench.Mad> mads = CapturedMads.read("user_cm_cases");
        GlobalIdentifier gid = mads.getFirst().to();
        Host host = new Host(gid, mads);
        host.maxPathMtu = 3;
        host.guid = 0x5054_00ff_feaa_0003L;
        host.listen(0x0106_1c06L);
        int wanted = Integer.parseInt(id, 16);
        String saidByLinux = "nothing";
        String said = "nothing";
        for (CmBench.Mad mad : mads) {
            boolean isRequest = mad.header().attributeId() == CmAttribute.REQ.wireValue();
            int before = host.said.size();
            if (mad.from().equals(gid)) {
                boolean isAnswer = mad.word(4) == wanted && saidByLinux.equals("nothing");
                saidByLinux = isAnswer ? describe(mad.message(), mad.attribute()) : saidByLinux;
                continue;
            }
            host.receive(mads, mad);
            if (isRequest && mad.word(0) == wanted && host.said.size() > before) {
                MemorySegment bytes =
                        MemorySegment.ofArray(HexFormat.of().parseHex(host.said.get(before)));
                said =
                        describe(
                                bytes.asSlice(24),
                                CmAttribute.of(bytes.get(ValueLayout.JAVA_BYTE, 17)));
            }
        }
        assertThat(saidByLinux).as(what).isEqualTo(linux);
        assertThat(said).as(what).isEqualTo(engine);
    }

    private static String describe(MemorySegment message, @Nullable CmAttribute attribute) {
        return attribute == CmAttribute.REJ
                ? "REJ " + new CmRejectFlyweight().wrap(message, 0).reason()
                : String.valueOf(attribute);
    }
}
