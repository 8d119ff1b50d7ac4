package org.softverbs.ulp.store;

import org.softverbs.rw.ReadWriteLimits;
import org.softverbs.verbs.QueuePair;

/// What a target is and how much it takes on.
///
/// @param geometry the blocks
/// @param queueDepth commands that a client may have under way
/// @param maxTransfer bytes of the longest command
/// @param maxClients clients at a time
/// @param forceRegistration whether every transfer is registered
/// @param maxReadSegments segments above which an RDMA READ is registered; 0 for none
public record StoreSettings(
        StoreGeometry geometry,
        int queueDepth,
        int maxTransfer,
        int maxClients,
        boolean forceRegistration,
        int maxReadSegments) {

    /// Most commands that a client may have under way.
    static final int DEPTH_MAX = 256;

    /// Most bytes of a command.
    static final int TRANSFER_MAX = 1 << 24;

    private static final int CLIENTS_MAX = 256;

    /// @throws IllegalArgumentException for a number out of range
    public StoreSettings {
        check("queue depth", queueDepth, 1, DEPTH_MAX);
        check("longest transfer", maxTransfer, geometry.blockSize(), TRANSFER_MAX);
        check("clients", maxClients, 1, CLIENTS_MAX);
        check("segments of a READ", maxReadSegments, 0, Integer.MAX_VALUE);
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not within " + min + " and " + max);
        }
    }

    /// 16 commands of up to 256 KiB from each of up to 16 clients; registrations as the device
    /// likes them.
    public static StoreSettings of(StoreGeometry geometry) {
        return new StoreSettings(geometry, 16, 1 << 18, 16, false, 0);
    }

    /// The same with registrations for every transfer, or for READs of many segments.
    public StoreSettings withRegistrations(boolean force, int readSegments) {
        return new StoreSettings(
                geometry, queueDepth, maxTransfer, maxClients, force, readSegments);
    }

    /// The same with another depth.
    public StoreSettings withQueueDepth(int depth) {
        return new StoreSettings(
                geometry, depth, maxTransfer, maxClients, forceRegistration, maxReadSegments);
    }

    /// The limits of a queue pair for RDMA READs and WRITEs.
    ReadWriteLimits limits(QueuePair queuePair) {
        ReadWriteLimits device = ReadWriteLimits.of(queuePair, forceRegistration);
        return maxReadSegments == 0
                ? device
                : new ReadWriteLimits(
                        device.readNeedsRegistration(),
                        device.maxSge(),
                        device.maxSgeRead(),
                        maxReadSegments,
                        device.registrationPages(),
                        device.maxMessage(),
                        device.forceRegistration());
    }
}
