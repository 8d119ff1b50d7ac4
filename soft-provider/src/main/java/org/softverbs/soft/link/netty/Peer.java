package org.softverbs.soft.link.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.IcrcVerifier;
import org.softverbs.verbs.GlobalIdentifier;

/// What a link keeps about an address it exchanges packets with: where to send, and the state of
/// the ICRC in both directions.
final class Peer {

    private final GlobalIdentifier gid;
    private final InetSocketAddress address;
    private final Icrc outbound;
    private final IcrcVerifier inbound;
    private final boolean group;
    private boolean takesRuns = true;

    Peer(GlobalIdentifier own, GlobalIdentifier gid, int port) {
        this.gid = gid;
        this.group = gid.isMulticast();
        this.address = new InetSocketAddress(gid.toInetAddress(), port);
        byte[] ownBytes = own.toInetAddress().getAddress();
        byte[] peerBytes = gid.toInetAddress().getAddress();
        this.outbound = new Icrc(ownBytes, peerBytes);
        this.inbound = new IcrcVerifier(peerBytes, ownBytes);
    }

    GlobalIdentifier gid() {
        return gid;
    }

    /// Where packets go: always to port 4791, whatever port the peer sends from.
    InetSocketAddress address() {
        return address;
    }

    /// Whether it is a multicast group.
    boolean isGroup() {
        return group;
    }

    /// Whether this is its address; the interface it is reached over does not count.
    boolean isAt(InetAddress other) {
        return address.getAddress().equals(other);
    }

    /// Whether the way there takes runs of packets in one call (UDP segmentation).
    boolean takesRuns() {
        return takesRuns;
    }

    /// The way there refused a run.
    void refuseRuns() {
        takesRuns = false;
    }

    Icrc outbound() {
        return outbound;
    }

    IcrcVerifier inbound() {
        return inbound;
    }
}
