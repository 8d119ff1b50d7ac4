package org.softverbs.soft.link;

import org.softverbs.soft.packet.InboundPacket;

/// Where a link puts what arrives.
public interface LinkReceiver {

    /// When what is given now arrived, by the host's clock: one reading for a poll.
    long arrivalNanos();

    /// A packet whose ICRC is right. Its bytes are good until this returns.
    void onPacket(InboundPacket packet);

    /// A datagram that is no packet.
    void onMalformed();

    /// A packet whose ICRC is wrong.
    void onBadIcrc();

    /// Something happened to the port. Only links that can know of it tell. What is said twice, or
    /// after [PortChange#REMOVED], changes nothing.
    void onPortChange(PortChange change);
}
