package org.softverbs.verbs;

/// The other end of a connection, as this end was told.
///
/// @param gid its address
/// @param queuePairNumber its number there, 24 bits
public record Peer(GlobalIdentifier gid, int queuePairNumber) {

    @Override
    public String toString() {
        return "queue pair 0x" + Integer.toHexString(queuePairNumber) + " at " + gid;
    }
}
