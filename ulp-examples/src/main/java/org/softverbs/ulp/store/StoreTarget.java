package org.softverbs.ulp.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
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
/// with NVMe over RDMA and iSER. What a WRITE moved before it failed stays in its blocks.
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

    private record Waiting(StoreConnection connection, int place, RequestCapsule request) {}

    private final StoreSettings settings;
    private final PrivilegedDomain domain;
    private final CompletionChannel events;
    private final CompletionQueue completions;
    private final CompletionCursor cursor;
    private final BlockMemory blocks;
    private final StoreStatistics statistics = new StoreStatistics();
    private final Map<Integer, StoreConnection> connections = new ConcurrentHashMap<>();
    private final Queue<StoreConnection> left = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int admitted;
    private volatile int served;

    /// @param context a device as kernel code has it; this closes it not
    /// @throws VerbsException when the host has not as much memory, or the device is at a limit
    public StoreTarget(PrivilegedContext context, StoreSettings settings) {
        this.settings = settings;
        blocks = new BlockMemory(context.physicalMemory(), settings.geometry());
        domain = context.allocateProtectionDomain();
        events = context.createCompletionChannel();
        completions = newQueue(context);
        cursor = completions.cursor();
    }

    private CompletionQueue newQueue(PrivilegedContext context) {
        int entries = settings.maxClients() * StoreConnection.completions(domain, settings);
        try {
            return context.createCompletionQueue(entries, events);
        } catch (VerbsException refused) {
            release();
            throw refused;
        }
    }

    private void release() {
        events.close();
        domain.close();
        blocks.close();
    }

    public StoreStatistics statistics() {
        return statistics;
    }

    /// Clients that are connected.
    public int connections() {
        return connections.size();
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
        StoreConnection connection = admit(channel);
        if (connection != null) {
            channel.awaitClosed();
            left.add(connection);
        }
    }

    /// @return nothing when the client was not let in
    private @Nullable StoreConnection admit(SideChannel channel) {
        if (!enter()) {
            refuse(channel, "the store has its " + settings.maxClients() + " clients");
            return null;
        }
        StoreConnection connection = null;
        try {
            channel.readTimeout(PATIENCE);
            StoreOffer client = StoreOffer.receive(channel);
            connection = new StoreConnection(domain, completions, settings, channel);
            connection.connect(client);
            connections.put(connection.number(), connection);
            int depth = Math.clamp(client.queueDepth(), 1, settings.queueDepth());
            connection
                    .link()
                    .offer(depth, settings.geometry(), settings.maxTransfer())
                    .send(channel);
            channel.readTimeout(Duration.ZERO);
            countServed();
            return connection;
        } catch (VerbsException | ToolException e) {
            if (connection != null && connections.containsKey(connection.number())) {
                left.add(connection);
                return null;
            }
            refuse(channel, String.valueOf(e.getMessage()));
            if (connection != null) {
                connection.close();
            }
            leave();
            return null;
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
        return done > 0 || gone != null;
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
                    connection.endTransfer(place);
                    respond(connection, place, StoreStatus.SUCCESS);
                    resume();
                }
                case RESPONSE -> {
                    boolean wasTransfer = connection.endTransfer(place);
                    connection.postReceive(place);
                    if (wasTransfer) {
                        resume();
                    }
                }
            }
        } catch (VerbsException refused) {
            // The queue pair failed meanwhile.
            lose(connection);
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
            transfer(new Waiting(connection, place, request));
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

    private void transfer(Waiting command) {
        StoreConnection connection = command.connection();
        RequestCapsule request = command.request();
        StoreCommand kind = StoreCommand.of(request.opcode()).orElseThrow();
        ReadWriteContext transfer;
        try {
            transfer = map(connection, request, kind.direction());
        } catch (VerbsException refused) {
            postpone(command, refused.errno());
            return;
        }
        statistics.command(kind);
        statistics.transfer(transfer.decision().strategy());
        try {
            if (kind == StoreCommand.READ) {
                connection.writeAndRespond(command.place(), transfer, request.identifier());
            } else {
                connection.read(command.place(), transfer);
            }
        } catch (VerbsException refused) {
            lose(connection);
        }
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

    /// What is used up now comes back when a transfer ends, unless there is none.
    private void postpone(Waiting command, Errno errno) {
        boolean isPassing = errno == Errno.EAGAIN || errno == Errno.ENOMEM;
        if (isPassing && transferring() > 0) {
            statistics.await();
            waiting.addLast(command);
        } else {
            respond(command.connection(), command.place(), StoreStatus.INTERNAL_ERROR);
        }
    }

    /// Tries again what waits, each once.
    private void resume() {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        for (Waiting command : all) {
            if (connections.containsValue(command.connection())) {
                transfer(command);
            }
        }
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
            waiting.removeIf(it -> it.connection() == connection);
            connection.close();
            leave();
            resume();
        }
    }

    /// Ends all connections and gives the blocks back. No client must be on its way in.
    @Override
    public void close() {
        List.copyOf(connections.values()).forEach(this::remove);
        completions.close();
        release();
    }
}
