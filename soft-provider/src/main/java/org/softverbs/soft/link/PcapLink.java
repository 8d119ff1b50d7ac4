package org.softverbs.soft.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.GlobalIdentifier;

/// Records the packets of a link in a capture file, as they are on the wire but for the IP ID: it
/// is 0 in all, and the ICRC is that of a packet with ID 0.
///
/// When it cannot be written the recording ends and the traffic goes on.
public final class PcapLink extends FilterLink {

    private static final Logger LOG = LoggerFactory.getLogger(PcapLink.class);

    private static final int PORT = 4791;
    private static final int CAPACITY = 16_384;

    /// Pairs of addresses that are remembered; those that were silent longest are forgotten.
    static final int CALCULATORS = 1024;

    /// What an ICRC calculator is for.
    private record Ends(GlobalIdentifier source, GlobalIdentifier destination) {}

    private final PcapWriter writer;
    private final boolean received;
    private final MemorySegment segment = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    private final ByteBuffer bytes = segment.asByteBuffer();
    private final Map<Ends, Icrc> calculators =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Ends, Icrc> eldest) {
                    return size() > CALCULATORS;
                }
            };
    private boolean broken;

    /// @param inner the link to record
    /// @param writer the capture, of raw IP packets; closed with the link
    /// @param received whether to record packets that come in too
    public PcapLink(PacketLink inner, PcapWriter writer, boolean received) {
        super(inner);
        this.writer = writer;
        this.received = received;
    }

    @Override
    public void send(OutboundPacket packet) {
        if (packet.length() + PacketCheck.ICRC_LENGTH <= CAPACITY && packet.copyTo(segment, 0)) {
            record(packet.path(), packet.length(), packet);
        }
        inner().send(packet);
    }

    private void record(Path path, int length, OutboundPacket packet) {
        seal(path, length);
        packet.damage(segment, 0, length + PacketCheck.ICRC_LENGTH);
        write(path, length + PacketCheck.ICRC_LENGTH);
    }

    private void seal(Path path, int length) {
        Ends ends = new Ends(path.source(), path.destination());
        Icrc icrc = calculators.computeIfAbsent(ends, PcapLink::calculator);
        Icrc.store(
                bytes,
                length,
                icrc.compute(path.sourcePort(), PORT, 0, Icrc.DONT_FRAGMENT, bytes, 0, length));
    }

    private static Icrc calculator(Ends ends) {
        return new Icrc(
                ends.source().toInetAddress().getAddress(),
                ends.destination().toInetAddress().getAddress());
    }

    /// Pairs of addresses that are remembered now.
    int calculators() {
        return calculators.size();
    }

    private void write(Path path, int length) {
        if (broken) {
            return;
        }
        try {
            synchronized (writer) {
                writer.writeDatagram(
                        System.currentTimeMillis() * 1_000_000,
                        path.source().toInetAddress().getAddress(),
                        path.sourcePort(),
                        path.destination().toInetAddress().getAddress(),
                        0,
                        bytes.duplicate().position(0).limit(length));
            }
        } catch (IOException e) {
            broken = true;
            LOG.warn("the capture ends here: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        inner().close();
        try {
            synchronized (writer) {
                writer.close();
            }
        } catch (IOException e) {
            LOG.warn("the capture may lack its end: {}", e.getMessage());
        }
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        return inner().poll(received ? new Recorder(receiver) : receiver, waitNanos);
    }

    /// Records what comes in before it is handled.
    private final class Recorder implements LinkReceiver {

        private final LinkReceiver target;

        Recorder(LinkReceiver target) {
            this.target = target;
        }

        @Override
        public long arrivalNanos() {
            return target.arrivalNanos();
        }

        @Override
        public void onPacket(InboundPacket packet) {
            if (packet.isPayloadApart() || packet.length() + PacketCheck.ICRC_LENGTH > CAPACITY) {
                target.onPacket(packet);
                return;
            }
            MemorySegment.copy(packet.segment(), packet.offset(), segment, 0, packet.length());
            Path path = packet.path();
            int length = packet.length();
            seal(path, length);
            write(path, length + PacketCheck.ICRC_LENGTH);
            target.onPacket(packet);
        }

        @Override
        public void onMalformed() {
            target.onMalformed();
        }

        @Override
        public void onBadIcrc() {
            target.onBadIcrc();
        }

        @Override
        public void onPortChange(PortChange change) {
            target.onPortChange(change);
        }
    }
}
