package org.softverbs.soft.cm;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.verbs.GlobalIdentifier;

/// An engine on a bench, with a consumer that writes down what it is told and does what its test
/// wants: by default it accepts requests and takes replies.
final class CmNode implements CmOutput, CmIdentity {

    final CmBench bench;
    final GlobalIdentifier gid;
    final CmEngine engine;
    final List<CmNotice> notices = new ArrayList<>();
    private final MemorySegment datagram = MemorySegment.ofArray(new byte[256]);
    boolean hasRoom = true;
    boolean keepsNotices = true;
    boolean accepts = true;
    boolean takesReplies = true;
    int maxPathMtu = 3;
    private int nextQueuePair = 0x100;

    CmNode(CmBench bench, GlobalIdentifier gid, CmLimits limits) {
        this.bench = bench;
        this.gid = gid;
        this.engine = new CmEngine(this, limits, this);
    }

    @Override
    public long guid() {
        return 0x5054_00ff_fe00_0000L | (gid.low() & 0xffff);
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
        return bench.random.nextInt() >>> (Integer.SIZE - bits);
    }

    @Override
    public boolean hasRoom() {
        return hasRoom;
    }

    @Override
    public MemorySegment datagram() {
        return datagram;
    }

    @Override
    public void send(GlobalIdentifier local, GlobalIdentifier remote) {
        bench.transmit(
                local, remote, MemorySegment.ofArray(datagram.toArray(ValueLayout.JAVA_BYTE)));
    }

    void receive(MemorySegment mad, GlobalIdentifier from) {
        engine.onDatagram(mad, 0, mad.byteSize(), gid, from, bench.now);
    }

    int newQueuePair() {
        do {
            nextQueuePair = (nextQueuePair + 1) & 0xff_ffff;
        } while (nextQueuePair <= 1 || engine.isInTimewait(nextQueuePair));
        return nextQueuePair;
    }

    CmListener listen(int port) {
        return engine.listen(PortSpace.TCP.serviceId(port), Optional.empty(), 1024, this::onNotice);
    }

    CmConnection connect(CmNode peer, int port) {
        return engine.connect(request(peer, port), this::onNotice, bench.now);
    }

    CmRequest request(CmNode peer, int port) {
        return request(peer, port, newQueuePair(), CmRequest.Timing.DEFAULT);
    }

    CmRequest request(CmNode peer, int port, int queuePair, CmRequest.Timing timing) {
        return new CmRequest(
                gid,
                peer.gid,
                PortSpace.TCP.serviceId(port),
                TransportService.RELIABLE_CONNECTION,
                new CmRequest.QueuePairEnd(queuePair, randomBits(24), false, 0),
                new CmRequest.Options(1, 1, 7, 7, true, 3, 0, 0, 64, 0),
                timing,
                ipHeader(gid, peer.gid, "hello"));
    }

    static PrivateData ipHeader(GlobalIdentifier from, GlobalIdentifier to, String user) {
        ByteBuffer buffer = ByteBuffer.allocate(36 + user.length());
        boolean isV4 = from.isMappedIpv4();
        buffer.put((byte) 0).put((byte) (isV4 ? 0x40 : 0x60)).putShort((short) 40_000);
        for (GlobalIdentifier address : List.of(from, to)) {
            buffer.putLong(address.high());
            buffer.putLong(isV4 ? address.low() & 0xffff_ffffL : address.low());
        }
        return PrivateData.of(buffer.put(user.getBytes(US_ASCII)).array());
    }

    void onNotice(CmNotice notice, long nowNanos) {
        if (keepsNotices) {
            notices.add(notice);
        }
        switch (notice) {
            case CmNotice.RequestReceived(CmConnection connection, _, _) when accepts -> {
                engine.taken(connection);
                engine.accept(connection, reply(), nowNanos);
            }
            case CmNotice.ReplyReceived(CmConnection connection, _) when takesReplies ->
                    engine.readyToUse(connection, PrivateData.EMPTY, nowNanos);
            case CmNotice.ServiceRequested(CmConnection exchange, _, _, _) when accepts ->
                    engine.answer(
                            exchange,
                            new CmServiceReply(0, 0x77, 0x0123_4567, PrivateData.EMPTY),
                            nowNanos);
            default -> {}
        }
    }

    CmReply reply() {
        return new CmReply(
                new CmRequest.QueuePairEnd(newQueuePair(), randomBits(24), false, 0),
                1,
                1,
                CmSender.TARGET_ACK_DELAY,
                7,
                true,
                PrivateData.of("welcome".getBytes(US_ASCII)));
    }

    <T extends CmNotice> List<T> told(Class<T> type) {
        return notices.stream().filter(type::isInstance).map(type::cast).toList();
    }

    CmConnection only() {
        List<CmConnection> all = engine.connections();
        if (all.size() != 1) {
            throw new AssertionError("not one connection: " + all);
        }
        return all.getFirst();
    }

    long count(CmCounter counter) {
        return engine.counters().get(counter);
    }
}
