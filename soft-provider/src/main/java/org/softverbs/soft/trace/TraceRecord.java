package org.softverbs.soft.trace;

import org.softverbs.soft.wire.packet.Octets;

/// One line of a trace.
///
/// @param nanos when: by the clock of the simulated world, or since a real run was recorded
/// @param kind what
/// @param node where, from 1; 0 for no node
/// @param peer the other node of a packet, 0 for none
/// @param text what else there is to say
/// @param packet bytes from BTH to ICRC, none when it is about no packet
public record TraceRecord(
        long nanos, TraceKind kind, int node, int peer, String text, Octets packet) {}
