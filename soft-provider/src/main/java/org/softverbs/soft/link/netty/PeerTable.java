package org.softverbs.soft.link.netty;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.GlobalIdentifier;

/// The peers of a link by address, at most [#CAPACITY] of them: strangers push out who was silent
/// longest.
final class PeerTable {

    /// Peers that are remembered.
    static final int CAPACITY = 1024;

    private final GlobalIdentifier own;
    private final int port;
    private final Map<InetAddress, Peer> peers =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Peer> eldest) {
                    return size() > CAPACITY;
                }
            };
    private @Nullable Peer latest;

    PeerTable(GlobalIdentifier own, int port) {
        this.own = own;
        this.port = port;
    }

    Peer of(GlobalIdentifier gid) {
        Peer peer = latest;
        if (peer == null || !peer.gid().equals(gid)) {
            peer = of(gid.toInetAddress());
        }
        return peer;
    }

    Peer of(InetAddress address) {
        Peer peer = latest;
        if (peer != null && peer.address().getAddress().equals(address)) {
            return peer;
        }
        peer = peers.get(address);
        if (peer == null) {
            peer = new Peer(own, GlobalIdentifier.of(address), port);
            peers.put(address, peer);
        }
        latest = peer;
        return peer;
    }
}
