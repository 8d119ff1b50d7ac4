package org.softverbs.ulp.store;

import java.util.EnumMap;
import java.util.Map;
import org.softverbs.rw.ReadWriteStrategy;

/// What a target did so far. Safe to read from any thread.
public final class StoreStatistics {

    private final Map<StoreCommand, Long> commands = new EnumMap<>(StoreCommand.class);
    private final Map<ReadWriteStrategy, Long> strategies = new EnumMap<>(ReadWriteStrategy.class);
    private long refused;
    private long waited;
    private long lost;

    StoreStatistics() {}

    synchronized void command(StoreCommand command) {
        commands.merge(command, 1L, Long::sum);
    }

    synchronized void transfer(ReadWriteStrategy strategy) {
        strategies.merge(strategy, 1L, Long::sum);
    }

    synchronized void refuse() {
        refused++;
    }

    synchronized void await() {
        waited++;
    }

    synchronized void lose() {
        lost++;
    }

    /// Commands that were carried out.
    public synchronized long commands(StoreCommand command) {
        return commands.getOrDefault(command, 0L);
    }

    /// Transfers by how their memory was described to the device.
    public synchronized Map<ReadWriteStrategy, Long> strategies() {
        return new EnumMap<>(strategies);
    }

    /// Commands that were answered with an error.
    public synchronized long refused() {
        return refused;
    }

    /// Commands that had to wait for memory to bounce through, or for a registration.
    public synchronized long waited() {
        return waited;
    }

    /// Connections that ended by an error.
    public synchronized long lost() {
        return lost;
    }
}
