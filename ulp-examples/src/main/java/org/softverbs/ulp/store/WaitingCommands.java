package org.softverbs.ulp.store;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.softverbs.verbs.VerbsException;

/// Commands whose transfer is to begin, in the order in which they came. One that lacks memory is
/// waited for by all behind it, one that lacks registrations by those of its connection: a long one
/// gets its turn, however many short ones would find room.
///
/// Belongs to the thread that runs the target.
final class WaitingCommands {

    private final Function<WaitingCommand, Shortage> transfer;
    private final StoreStatistics statistics;
    private final ArrayDeque<WaitingCommand> commands = new ArrayDeque<>();

    /// Commands at the end that were not tried yet.
    private int fresh;

    private boolean hasRoom;

    /// @param transfer begins a command's transfer
    WaitingCommands(Function<WaitingCommand, Shortage> transfer, StoreStatistics statistics) {
        this.transfer = transfer;
        this.statistics = statistics;
    }

    void add(WaitingCommand command) {
        commands.addLast(command);
        fresh++;
    }

    /// Says that something may be there again that commands lacked.
    void makeRoom() {
        hasRoom = true;
    }

    /// Begins what can begin, when there is anything new.
    ///
    /// @param isConnected whether a connection is there; commands of others are dropped
    /// @param lose ends a connection whose queue pair failed; the others go on
    /// @return whether there was anything
    boolean serve(Predicate<StoreConnection> isConnected, Consumer<StoreConnection> lose) {
        boolean any = false;
        while (fresh > 0 || hasRoom) {
            hasRoom = false;
            any = true;
            serveOnce(isConnected, lose);
        }
        return any;
    }

    private void serveOnce(Predicate<StoreConnection> isConnected, Consumer<StoreConnection> lose) {
        Set<StoreConnection> withoutRegistrations = new HashSet<>();
        boolean isMemoryShort = false;
        int firstFresh = commands.size() - fresh;
        int count = commands.size();
        fresh = 0;
        for (int i = 0; i < count; i++) {
            WaitingCommand command = commands.removeFirst();
            StoreConnection connection = command.connection();
            if (!isConnected.test(connection)) {
                continue;
            }
            if (!isMemoryShort && !withoutRegistrations.contains(connection)) {
                Shortage shortage = begin(command, lose);
                if (shortage == Shortage.NONE) {
                    continue;
                }
                isMemoryShort = shortage == Shortage.MEMORY;
                withoutRegistrations.add(connection);
            }
            commands.addLast(command);
            if (i >= firstFresh) {
                statistics.await();
            }
        }
    }

    private Shortage begin(WaitingCommand command, Consumer<StoreConnection> lose) {
        try {
            return transfer.apply(command);
        } catch (VerbsException failed) {
            lose.accept(command.connection());
            return Shortage.NONE;
        }
    }
}
