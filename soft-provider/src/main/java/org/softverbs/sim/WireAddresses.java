package org.softverbs.sim;

import java.net.InetAddress;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.verbs.GlobalIdentifier;

/// From which address a packet of a trace went to which. The record says so when it is not that of
/// the first port of each node.
///
/// @param source of the packet
/// @param destination of the packet
public record WireAddresses(GlobalIdentifier source, GlobalIdentifier destination) {

    private static final String ARROW = " > ";

    private static WireAddresses usual(int node, int peer) {
        return new WireAddresses(SimulatedHost.address(node, 1), SimulatedHost.address(peer, 1));
    }

    /// The text of a record of a packet that leaves: nothing where the addresses are the usual
    /// ones.
    static String tell(Place place, Path way) {
        WireAddresses real = new WireAddresses(way.source(), way.destination());
        return real.equals(usual(place.from(), place.to()))
                ? ""
                : host(real.source) + ARROW + host(real.destination);
    }

    private static String host(GlobalIdentifier address) {
        return address.toInetAddress().getHostAddress();
    }

    /// Those of a packet that left, as its record tells.
    public static WireAddresses of(TraceRecord sent) {
        String[] told = sent.text().split(ARROW, -1);
        return told.length == 2
                ? new WireAddresses(read(told[0]), read(told[1]))
                : usual(sent.node(), sent.peer());
    }

    private static GlobalIdentifier read(String literal) {
        return GlobalIdentifier.of(InetAddress.ofLiteral(literal));
    }
}
