package org.softverbs.verbs;

/// What a port is and can do.
///
/// Verbs name: `ibv_port_attr` / `ib_port_attr`.
///
/// @param state whether it carries traffic
/// @param maxMtu the largest path MTU it supports
/// @param activeMtu the largest path MTU that its interface has room for
/// @param gidTableLength rows of the GID table
/// @param partitionKeyTableLength rows of the P_Key table
/// @param maxMessageSize largest message in bytes
/// @param interfaceMtu MTU of the network interface in bytes
public record PortAttributes(
        PortState state,
        Mtu maxMtu,
        Mtu activeMtu,
        int gidTableLength,
        int partitionKeyTableLength,
        long maxMessageSize,
        int interfaceMtu) {}
