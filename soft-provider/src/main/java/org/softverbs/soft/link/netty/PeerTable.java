package org.softverbs.soft.link.netty;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.GlobalIdentifier;

/// The peers of a link by address, at most [#CAPACITY] of them: new ones push out who was silent
/// longest. Kept are those that the link sends to, and those that sent a packet with a right ICRC;
/// who sends nonsense pushes out nobody.
///
/// Finding a peer that is kept allocates nothing.
final class PeerTable {

    /// Peers that are remembered.
    static final int CAPACITY = 1024;

    private final GlobalIdentifier own;
    private final int port;
    private final Map<GlobalIdentifier, Peer> byGid = new HashMap<>();
    private final Map<InetAddress, Peer> byAddress =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Peer> eldest) {
                    if (size() <= CAPACITY) {
                        return false;
                    }
                    byGid.remove(eldest.getValue().gid());
                    return true;
                }
            };
    private @Nullable Peer latest;
    private @Nullable Peer stranger;

    PeerTable(GlobalIdentifier own, int port) {
        this.own = own;
        this.port = port;
    }

    /// The peer that a packet goes to; it is kept.
    Peer to(GlobalIdentifier gid) {
        Peer peer = latest;
        if (peer != null && peer.gid().equals(gid)) {
            return peer;
        }
        peer = byGid.get(gid);
        if (peer == null) {
            return keep(new Peer(own, gid, port));
        }
        // For its age only.
        byAddress.get(peer.address().getAddress());
        latest = peer;
        return peer;
    }

    /// The peer that a datagram comes from; one that is not known is to be kept when its packet
    /// turns out to be right.
    Peer from(InetAddress address) {
        Peer peer = latest;
        if (peer != null && peer.isAt(address)) {
            return peer;
        }
        peer = byAddress.get(address);
        if (peer != null) {
            latest = peer;
            return peer;
        }
        peer = stranger;
        if (peer == null || !peer.isAt(address)) {
            peer = new Peer(own, GlobalIdentifier.of(address), port);
            stranger = peer;
        }
        return peer;
    }

    /// Keeps a peer that [#from] gave, if it is not kept yet.
    Peer keep(Peer peer) {
        if (peer == latest) {
            return peer;
        }
        if (peer == stranger) {
            stranger = null;
        }
        byGid.put(peer.gid(), peer);
        byAddress.put(peer.address().getAddress(), peer);
        latest = peer;
        return peer;
    }

    int size() {
        return byAddress.size();
    }
}
