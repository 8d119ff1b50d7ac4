package org.softverbs.soft.trace;

import java.util.LinkedHashMap;
import java.util.Map;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.verbs.GlobalIdentifier;

/// Writes down a real run as one device sees it. The device is node 1; its peers get the numbers
/// behind it in the order in which they appear, and a note says who each is. Times count from when
/// this was made.
///
/// Any thread.
public final class TraceRecorder implements AutoCloseable {

    /// The node that the device is.
    public static final int OWN = 1;

    /// Peers with a number of their own; all others share the next.
    static final int MOST_PEERS = TraceFile.MOST_NODES - OWN - 1;

    private static final Octets NO_PACKET = Octets.of();

    private final TraceWriter writer;
    private final Clock clock;
    private final long start;
    private final Map<GlobalIdentifier, Integer> peers = new LinkedHashMap<>();
    private boolean crowded;

    /// @param writer the file; closed with this
    /// @param clock what times are of
    public TraceRecorder(TraceWriter writer, Clock clock) {
        this.writer = writer;
        this.clock = clock;
        this.start = clock.nanoTime();
    }

    /// Something that is about no packet happened to the device.
    public synchronized void add(TraceKind kind, String text) {
        add(kind, OWN, text);
    }

    private void add(TraceKind kind, int node, String text) {
        String line = text.lines().map(String::strip).reduce((a, b) -> a + "; " + b).orElse("");
        writer.write(new TraceRecord(now(), kind, node, 0, line, NO_PACKET));
    }

    /// The device sent a packet.
    ///
    /// @param to the receiver
    /// @param packet from BTH to ICRC
    public void sent(GlobalIdentifier to, Octets packet) {
        add(TraceKind.SENT, to, packet);
    }

    /// The device received a packet.
    ///
    /// @param from the sender
    /// @param packet from BTH to ICRC
    public void arrived(GlobalIdentifier from, Octets packet) {
        add(TraceKind.ARRIVED, from, packet);
    }

    private synchronized void add(TraceKind kind, GlobalIdentifier peer, Octets packet) {
        int number = number(peer);
        writer.write(new TraceRecord(now(), kind, OWN, number, "", packet));
    }

    private int number(GlobalIdentifier peer) {
        Integer known = peers.get(peer);
        if (known != null) {
            return known;
        }
        int number = OWN + 1 + peers.size();
        if (peers.size() < MOST_PEERS) {
            peers.put(peer, number);
            add(TraceKind.NOTE, number, "n" + number + " is " + peer);
        } else if (!crowded) {
            crowded = true;
            add(TraceKind.NOTE, number, "n" + number + " is all other nodes");
        }
        return number;
    }

    private long now() {
        return clock.nanoTime() - start;
    }

    @Override
    public void close() {
        writer.close();
    }
}
