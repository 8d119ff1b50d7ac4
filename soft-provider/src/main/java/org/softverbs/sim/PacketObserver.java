package org.softverbs.sim;

import java.nio.ByteBuffer;

/// Sees the packets of a [SimulatedNetwork]: each as its node sent it, before anything befalls it,
/// and each as it arrives with a right ICRC, just before its node handles it.
public interface PacketObserver {

    /// A packet leaves a node.
    ///
    /// @param place its path
    /// @param packet from the BTH at 0 on; not to be kept nor changed
    /// @param length bytes up to the ICRC
    void onSent(Place place, ByteBuffer packet, int length);

    /// A packet arrived.
    ///
    /// @param place its path
    /// @param packet from the BTH at 0 on; not to be kept nor changed
    /// @param length bytes up to the ICRC
    void onArrived(Place place, ByteBuffer packet, int length);
}
