package org.softverbs.soft.link;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.pcap.PcapWriter;

/// Records the packets of a link in a capture file, as they are on the wire but for the IP ID: it
/// is 0 in all, and the ICRC is that of a packet with ID 0.
///
/// When it cannot be written the recording ends and the traffic goes on.
public final class PcapLink extends FilterLink {

    private static final Logger LOG = LoggerFactory.getLogger(PcapLink.class);

    private final PcapWriter writer;
    private final boolean received;
    private final WireImage image = new WireImage();
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
        if (image.take(packet)) {
            write(packet.path());
        }
        inner().send(packet);
    }

    /// Pairs of addresses that are remembered now.
    int calculators() {
        return image.calculators();
    }

    private void write(Path path) {
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
                        image.bytes());
            }
        } catch (IOException e) {
            broken = true;
            LOG.warn("the capture ends here: {}", e.getMessage());
        }
    }

    /// Writes what is in the buffer to the file. Any thread.
    public void save() {
        try {
            synchronized (writer) {
                writer.flush();
            }
        } catch (IOException e) {
            LOG.warn("the capture may lack its end: {}", e.getMessage());
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
    private final class Recorder extends FilterReceiver {

        Recorder(LinkReceiver target) {
            super(target);
        }

        @Override
        public void onPacket(InboundPacket packet) {
            if (!packet.isPayloadApart() && image.take(packet)) {
                write(packet.path());
            }
            target().onPacket(packet);
        }
    }
}
