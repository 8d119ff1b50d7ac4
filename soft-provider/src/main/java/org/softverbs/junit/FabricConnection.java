package org.softverbs.junit;

/// Two queue pairs in RTS, connected with each other.
///
/// @param first at the node that was named first
/// @param second at the other
public record FabricConnection(FabricEnd first, FabricEnd second) {}
