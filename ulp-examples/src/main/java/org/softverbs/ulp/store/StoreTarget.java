package org.softverbs.ulp.store;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.softverbs.dma.DmaDirection;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// A store of blocks that READs and WRITEs its clients' memory.
///
/// A command with a bad field is answered with a status. One whose memory the client does not open
/// ends the connection: a remote access error leaves both queue pairs in state ERR (IBA), here as
/// with NVMe over RDMA and iSER. What a WRITE moved before it failed stays in its blocks. A client
/// that takes no response, or is slower than a [TransferBound], loses its connection too.
///
/// [#step] belongs to one thread; [#serve] lets a client in, each on a thread of its own.
public final class StoreTarget implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// Steps with nothing to do before it sleeps.
    private static final int IDLE_STEPS = 20_000;

    /// Sleeps no longer than this: that a client left is no completion.
    private static final Duration NAP = Duration.ofMillis(50);

    /// Completions looked at in one step.
    private static final int BATCH = 64;

    /// Looks no more often than this for transfers that take too long.
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StoreSettings settings;
    private final LongSupplier clock;
    private final Openings openings = new Openings();
    private final PrivilegedDomain domain;
    private final CompletionChannel events;
    private final CompletionQueue completions;
    private final CompletionCursor cursor;
    private final BlockMemory blocks;
    private final StoreStatistics statistics = new StoreStatistics();
    private final Map<Integer, StoreConnection> connections = new ConcurrentHashMap<>();
    private final Queue<StoreConnection> left = new ConcurrentLinkedQueue<>();
    private final WaitingCommands waiting = new WaitingCommands(this::tryTransfer, statistics);
    private long lastLook;
    private int admitted;
    private volatile int served;

    /// @param context a device as kernel code has it; this closes it not
    /// @throws VerbsException when the host has not as much memory, or the device is at a limit;
    ///     nothing is left open
    public StoreTarget(PrivilegedContext context, StoreSettings settings) {
        this(context, settings, System::nanoTime);
    }

    /// @param clock nanoseconds
    StoreTarget(PrivilegedContext context, StoreSettings settings, LongSupplier clock) {
        this.settings = settings;
        this.clock = clock;
        lastLook = clock.getAsLong();
        try {
            blocks =
                    openings.add(
                            new BlockMemory(context.physicalMemory(), settings.geometry()),
                            BlockMemory::close);
            domain = openings.add(context.allocateProtectionDomain(), PrivilegedDomain::close);
            events = openings.add(context.createCompletionChannel(), CompletionChannel::close);
            int entries = settings.maxClients() * StoreConnection.completions(domain, settings);
            completions =
                    openings.add(
                            context.createCompletionQueue(entries, events), CompletionQueue::close);
            cursor = completions.cursor();
        } catch (RuntimeException | Error refused) {
            openings.closeAfter(refused);
            throw refused;
        }
    }

    public StoreStatistics statistics() {
        return statistics;
    }

    /// Clients that are connected, or on their way in or out.
    public synchronized int connections() {
        return admitted;
    }

    /// Clients that were let in so far.
    public int served() {
        return served;
    }

    /// Transfers under way. For the thread that steps.
    int transferring() {
        return connections.values().stream().mapToInt(StoreConnection::transferring).sum();
    }

    /// Lets a client in, and returns when it has left. Any thread.
    public void serve(SideChannel channel) {
        if (!enter()) {
            refuse(channel, "the store has its " + settings.maxClients() + " clients");
            return;
        }
        StoreConnection connection;
        StoreOffer client;
        try {
            channel.readTimeout(PATIENCE);
            client = StoreOffer.receive(channel);
            channel.readTimeout(Duration.ZERO);
            connection = connect(channel, client);
        } catch (RuntimeException refused) {
            refuse(channel, String.valueOf(refused.getMessage()));
            leave();
            return;
        }
        admit(connection, client);
    }

    private StoreConnection connect(SideChannel channel, StoreOffer client) {
        StoreConnection connection = new StoreConnection(domain, completions, settings, channel);
        try {
            connection.connect(client);
            return connection;
        } catch (RuntimeException refused) {
            connection.close();
            throw refused;
        }
    }

    /// From here on the connection is the stepping thread's: whatever happens, that one ends it.
    private void admit(StoreConnection connection, StoreOffer client) {
        connections.put(connection.number(), connection);
        try {
            int depth = Math.min(client.queueDepth(), settings.queueDepth());
            connection
                    .link()
                    .offer(depth, settings.geometry(), settings.maxTransfer())
                    .send(connection.channel());
            countServed();
            connection.channel().awaitClosed();
        } catch (RuntimeException gone) {
            // It went before it could be told that it is in.
        } finally {
            left.add(connection);
        }
    }

    private synchronized boolean enter() {
        if (admitted == settings.maxClients()) {
            return false;
        }
        admitted++;
        return true;
    }

    private synchronized void countServed() {
        served++;
    }

    private synchronized void leave() {
        admitted--;
    }

    private static void refuse(SideChannel channel, String reason) {
        try {
            StoreOffer.refuse(channel, reason);
        } catch (ToolException gone) {
            // It went before it could be told.
        } finally {
            channel.close();
        }
    }

    /// Does what there is to do now.
    ///
    /// @return whether there was anything
    public boolean step() {
        int done = 0;
        while (done < BATCH && cursor.next()) {
            StoreConnection connection = connections.get(cursor.queuePairNumber());
            if (connection != null) {
                complete(connection, cursor.workRequestId(), cursor.status());
            }
            done++;
        }
        StoreConnection gone = left.poll();
        if (gone != null) {
            remove(gone);
        }
        loseOverdue();
        boolean anyWaiting = waiting.serve(this::isConnected, this::lose);
        return done > 0 || gone != null || anyWaiting;
    }

    private void loseOverdue() {
        long now = clock.getAsLong();
        if (now - lastLook < LOOK_NANOS) {
            return;
        }
        lastLook = now;
        for (StoreConnection connection : connections.values()) {
            if (connection.isOverdue(now)) {
                lose(connection);
            }
        }
    }

    /// Steps until it is told to stop; sleeps when there was nothing to do for a while.
    public void run(BooleanSupplier goesOn) {
        int idle = 0;
        while (goesOn.getAsBoolean()) {
            idle = step() ? 0 : idle + 1;
            if (idle > IDLE_STEPS) {
                awaitWork();
            }
        }
    }

    private void awaitWork() {
        completions.requestNotification(false);
        if (step()) {
            return;
        }
        try {
            events.awaitEvent(NAP).ifPresent(queue -> queue.acknowledgeEvents(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void complete(StoreConnection connection, long id, WorkCompletionStatus status) {
        if (status != WorkCompletionStatus.SUCCESS) {
            lose(connection);
            return;
        }
        int place = StoreWork.place(id);
        try {
            switch (StoreWork.of(id)) {
                case REQUEST -> begin(connection, place, cursor.byteLength());
                case TRANSFER -> {
                    endTransfer(connection, place);
                    respond(connection, place, StoreStatus.SUCCESS);
                }
                case RESPONSE -> {
                    endTransfer(connection, place);
                    connection.postReceive(place);
                }
            }
        } catch (VerbsException refused) {
            // The queue pair failed meanwhile.
            lose(connection);
        }
    }

    private void endTransfer(StoreConnection connection, int place) {
        if (connection.endTransfer(place)) {
            waiting.makeRoom();
        }
    }

    private void begin(StoreConnection connection, int place, long length) {
        if (length != RequestCapsule.LENGTH) {
            lose(connection);
            return;
        }
        RequestCapsule request = connection.request(place);
        StoreStatus status = check(request);
        if (status != StoreStatus.SUCCESS) {
            respond(connection, place, status);
        } else if (request.opcode() == StoreCommand.FLUSH.opcode()) {
            statistics.command(StoreCommand.FLUSH);
            respond(connection, place, StoreStatus.SUCCESS);
        } else {
            waiting.add(new WaitingCommand(connection, place, request));
        }
    }

    private StoreStatus check(RequestCapsule request) {
        StoreCommand command = StoreCommand.of(request.opcode()).orElse(null);
        if (command == null) {
            return StoreStatus.INVALID_OPCODE;
        }
        if (command == StoreCommand.FLUSH) {
            return StoreStatus.SUCCESS;
        }
        long count = Integer.toUnsignedLong(request.blocks());
        long bytes = count * settings.geometry().blockSize();
        if (count == 0 || bytes > settings.maxTransfer()) {
            return StoreStatus.INVALID_FIELD;
        }
        if (!settings.geometry().contains(request.firstBlock(), count)) {
            return StoreStatus.OUT_OF_RANGE;
        }
        return bytes == Integer.toUnsignedLong(request.length())
                ? StoreStatus.SUCCESS
                : StoreStatus.DATA_LENGTH_INVALID;
    }

    /// Begins the transfer of a command.
    ///
    /// @return what it lacks now and gets when another transfer has ended
    /// @throws VerbsException when the queue pair failed
    private Shortage tryTransfer(WaitingCommand command) {
        StoreConnection connection = command.connection();
        RequestCapsule request = command.request();
        StoreCommand kind = StoreCommand.of(request.opcode()).orElseThrow();
        ReadWriteContext transfer;
        try {
            transfer = map(connection, request, kind.direction());
        } catch (VerbsException refused) {
            Shortage shortage = shortage(connection, refused.errno());
            if (shortage == Shortage.NONE) {
                respond(connection, command.place(), StoreStatus.INTERNAL_ERROR);
            }
            return shortage;
        }
        statistics.command(kind);
        statistics.transfer(transfer.decision().strategy());
        if (kind == StoreCommand.READ) {
            connection.writeAndRespond(command.place(), transfer, clock.getAsLong());
        } else {
            connection.read(command.place(), transfer, clock.getAsLong());
        }
        return Shortage.NONE;
    }

    /// What is used up now comes back when a transfer ends, unless there is none.
    private Shortage shortage(StoreConnection connection, Errno errno) {
        if (errno == Errno.EAGAIN && connection.transferring() > 0) {
            return Shortage.REGISTRATIONS;
        }
        return errno == Errno.ENOMEM && transferring() > 0 ? Shortage.MEMORY : Shortage.NONE;
    }

    private ReadWriteContext map(
            StoreConnection connection, RequestCapsule request, DmaDirection direction) {
        long size = settings.geometry().blockSize();
        return ReadWriteContext.overBioVector(
                connection.transfers(),
                blocks.part(
                        request.firstBlock() * size,
                        Integer.toUnsignedLong(request.blocks()) * size),
                request.address(),
                request.remoteKey(),
                direction);
    }

    private boolean isConnected(StoreConnection connection) {
        return connections.get(connection.number()) == connection;
    }

    private void lose(StoreConnection connection) {
        statistics.lose();
        remove(connection);
    }

    private void respond(StoreConnection connection, int place, StoreStatus status) {
        if (status != StoreStatus.SUCCESS) {
            statistics.refuse();
        }
        connection.respond(place, connection.request(place).identifier(), status);
    }

    /// Ends a connection, once.
    private void remove(StoreConnection connection) {
        if (connections.remove(connection.number(), connection)) {
            connection.close();
            connection.channel().close();
            leave();
            waiting.makeRoom();
        }
    }

    /// Ends all connections and gives the blocks back. No client must be on its way in.
    @Override
    public void close() {
        List.copyOf(connections.values()).forEach(this::remove);
        openings.close();
    }
}
