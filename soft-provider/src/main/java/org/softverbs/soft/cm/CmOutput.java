package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import org.softverbs.verbs.GlobalIdentifier;

/// Where the engine puts its datagrams. Called by the owner of the device only.
public interface CmOutput {

    /// Whether another datagram is taken now. What finds no room is lost, as in a network.
    boolean hasRoom();

    /// 256 bytes to fill before [#send].
    MemorySegment datagram();

    /// Sends [#datagram()] from queue pair 1 to queue pair 1.
    ///
    /// @param local the address that it comes from
    /// @param remote where it goes
    void send(GlobalIdentifier local, GlobalIdentifier remote);
}
