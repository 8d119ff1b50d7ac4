package org.softverbs.soft.link;

import org.softverbs.soft.packet.InboundPacket;

/// Where a link puts what arrives.
public interface LinkReceiver {

    /// A packet whose ICRC is right. Its bytes are good until this returns.
    void onPacket(InboundPacket packet);

    /// A datagram that is no packet.
    void onMalformed();

    /// A packet whose ICRC is wrong.
    void onBadIcrc();
}
