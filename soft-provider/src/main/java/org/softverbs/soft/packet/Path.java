package org.softverbs.soft.packet;

import org.softverbs.verbs.GlobalIdentifier;

/// The way of a packet from one address to another.
///
/// @param source the sender's address
/// @param destination the receiver's address
/// @param sourcePort UDP source port; the destination port is always 4791
/// @param hopLimit TTL or hop limit
/// @param trafficClass TOS or traffic class
public record Path(
        GlobalIdentifier source,
        GlobalIdentifier destination,
        int sourcePort,
        int hopLimit,
        int trafficClass) {}
