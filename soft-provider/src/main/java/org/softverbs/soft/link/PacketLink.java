package org.softverbs.soft.link;

import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.verbs.GlobalIdentifier;

/// A network port: sends and receives RoCEv2 packets for one address.
///
/// The link adds the ICRC on the way out, and on the way in gives only packets whose ICRC is right.
/// All methods but [#wakeup()] are for the owner of the device.
public interface PacketLink extends AutoCloseable {

    GlobalIdentifier address();

    /// Name of the network interface.
    String interfaceName();

    /// MTU of the network interface in bytes.
    int interfaceMtu();

    /// UDP source port that packets leave with.
    int sourcePort();

    /// Whether [#send] takes another packet now.
    boolean hasRoom();

    /// Takes a packet; only with [#hasRoom()]. Headers are copied; the payload may be read until
    /// [#flush()] or [#detach()] returns, or longer by a link that says so; one that is lent
    /// ([OutboundPacket#lendPayload()]) until this returns.
    void send(OutboundPacket packet);

    /// Lets everything go that was sent.
    void flush();

    /// After this the link reads no payload memory of packets that it was given before.
    void detach();

    /// Has packets to a multicast group arrive from now on, those of this link itself too. Sending
    /// to a group takes no join.
    ///
    /// @throws org.softverbs.verbs.VerbsException when the group cannot be joined
    void join(GlobalIdentifier group);

    /// Ends [#join].
    void leave(GlobalIdentifier group);

    /// Gives received packets to the receiver.
    ///
    /// @param receiver where they go
    /// @param waitNanos how long to wait for the first one; 0 does not wait
    /// @return packets given
    int poll(LinkReceiver receiver, long waitNanos);

    /// Sends that the socket below refused so far. Their packets are lost.
    long sendFailures();

    /// Ends a waiting [#poll], or the next one. Any thread.
    void wakeup();

    @Override
    void close();
}
