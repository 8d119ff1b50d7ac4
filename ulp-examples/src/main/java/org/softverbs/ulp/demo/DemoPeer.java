package org.softverbs.ulp.demo;

/// The passive end of the demonstration, here or on another host.
interface DemoPeer extends AutoCloseable {

    /// Where an end is and what memory it offers.
    ///
    /// @param gid its GID as 32 hexadecimal digits
    /// @param queuePairNumber its queue pair
    /// @param packetSequenceNumber its first PSN
    /// @param address its memory
    /// @param remoteKey the key of that memory
    record Offer(
            String gid,
            int queuePairNumber,
            int packetSequenceNumber,
            long address,
            int remoteKey) {}

    /// What the passive end saw of an operation.
    ///
    /// @param verified whether its memory and completion are as they should be
    /// @param account its completion in words
    record Finding(boolean verified, String account) {}

    /// Connects to the active end.
    ///
    /// @return where this end is
    Offer connect(Offer active);

    /// Gets memory and receives ready for an operation.
    void prepare(DemoOperation operation);

    /// Looks at what the operation did.
    Finding inspect(DemoOperation operation);

    @Override
    void close();
}
