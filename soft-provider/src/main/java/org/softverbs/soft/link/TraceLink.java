package org.softverbs.soft.link;

import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.trace.TraceRecorder;

/// Records the packets of a link in a trace, as [PcapLink] does in a capture.
public final class TraceLink extends FilterLink {

    private final TraceRecorder recorder;
    private final WireImage image = new WireImage();

    /// @param inner the link to record
    /// @param recorder the trace; closed with the link
    public TraceLink(PacketLink inner, TraceRecorder recorder) {
        super(inner);
        this.recorder = recorder;
    }

    @Override
    public void send(OutboundPacket packet) {
        if (image.take(packet)) {
            recorder.sent(packet.path().destination(), image.octets());
        }
        inner().send(packet);
    }

    @Override
    public int poll(LinkReceiver receiver, long waitNanos) {
        return inner().poll(new Listener(receiver), waitNanos);
    }

    @Override
    public void close() {
        try {
            inner().close();
        } finally {
            recorder.close();
        }
    }

    /// Records what comes in before it is handled.
    private final class Listener extends FilterReceiver {

        Listener(LinkReceiver target) {
            super(target);
        }

        @Override
        public void onPacket(InboundPacket packet) {
            if (image.take(packet)) {
                recorder.arrived(packet.path().source(), image.octets());
            }
            target().onPacket(packet);
        }
    }
}
