package org.softverbs.ulp.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveCursor;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.WorkCompletionStatus;

/// A client of a store: buffers that the target READs and WRITEs, and requests that name them.
///
/// A buffer is taken, a command with it submitted, and it comes back from [#poll] when the command
/// has ended. No more commands are under way than the target takes: there are as many buffers.
///
/// Belongs to one thread at a time.
public final class StoreClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int INLINE = 64;
    private static final int PAGE = 4096;

    /// Most bytes of all buffers together, whatever a target offers.
    private static final long BUFFER_BYTES_MAX = 1L << 30;

    private static final Set<AccessFlag> ACCESS =
            Set.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);
    private static final Set<AccessFlag> RESPONSE_ACCESS = Set.of(AccessFlag.LOCAL_WRITE);

    private final Openings openings = new Openings();
    private final SideChannel channel;
    private final ProtectionDomain domain;
    private final CompletionQueue completions;
    private final CompletionCursor cursor;
    private final QueuePair queuePair;
    private final SendCursor sends;
    private final ReceiveCursor receives;
    private final MemorySegment request = Arena.ofAuto().allocate(RequestCapsule.LENGTH);
    private final MemoryRegion responses;
    private final StoreGeometry geometry;
    private final int maxTransfer;
    private final List<MemoryRegion> buffers = new ArrayList<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final ArrayDeque<Integer> ended = new ArrayDeque<>();
    private final boolean[] isUnderWay;
    private final StoreStatus[] statuses;
    private int sendsUnderWay;
    private boolean lost;
    private String account = "";
    private volatile boolean targetLeft;

    private StoreClient(DeviceContext context, SideChannel channel, int wantedDepth) {
        this.channel = openings.add(channel, SideChannel::close);
        try {
            checkDepth(wantedDepth);
            domain = openings.add(context.allocateProtectionDomain(), ProtectionDomain::close);
            completions =
                    openings.add(
                            context.createCompletionQueue(4 * wantedDepth), CompletionQueue::close);
            cursor = completions.cursor();
            responses = register((long) wantedDepth * ResponseCapsule.LENGTH, RESPONSE_ACCESS);
            queuePair = openings.add(newQueuePair(wantedDepth), QueuePair::close);
            sends = queuePair.sendCursor();
            receives = queuePair.receiveCursor();
            StoreOffer target = connect(wantedDepth);
            geometry = target.geometry();
            maxTransfer = target.maxTransfer();
            int depth = Math.clamp(target.queueDepth(), 1, wantedDepth);
            checkBuffers(depth);
            isUnderWay = new boolean[depth];
            statuses = new StoreStatus[depth];
            openBuffers(depth);
        } catch (RuntimeException | Error refused) {
            openings.closeAfter(refused);
            throw refused;
        }
    }

    private static void checkDepth(int depth) {
        if (depth < 1 || depth > StoreSettings.DEPTH_MAX) {
            throw new IllegalArgumentException(
                    "depth " + depth + " is not within 1 and " + StoreSettings.DEPTH_MAX);
        }
    }

    private QueuePair newQueuePair(int depth) {
        return domain.createQueuePair(
                QueuePairOptions.reliableConnection(
                        completions, new QueuePairCapabilities(2 * depth, depth, 1, 1, INLINE)));
    }

    private MemoryRegion register(long length, Set<AccessFlag> access) {
        return openings.add(
                domain.registerMemory(Arena.ofAuto().allocate(length, PAGE), access),
                MemoryRegion::close);
    }

    private void checkBuffers(int depth) {
        long bytes = (long) depth * maxTransfer;
        if (bytes > BUFFER_BYTES_MAX) {
            throw new ToolException(
                    channel.peer()
                            + " asks for "
                            + depth
                            + " buffers of "
                            + maxTransfer
                            + " bytes, more than "
                            + BUFFER_BYTES_MAX
                            + " bytes in all");
        }
    }

    private void openBuffers(int depth) {
        for (int buffer = 0; buffer < depth; buffer++) {
            buffers.add(register(maxTransfer, ACCESS));
            free.add(buffer);
            postReceive(buffer);
        }
    }

    /// Connects to a target.
    ///
    /// @param context the client's device
    /// @param channel to the target; the client closes it, also when it is not let in
    /// @param depth commands under way at most, 1 to 256; the target may take fewer
    /// @throws IllegalArgumentException for another depth
    /// @throws ToolException when the target lets nobody in, or offers what no store has
    /// @throws org.softverbs.verbs.VerbsException when the device is at a limit
    public static StoreClient connect(DeviceContext context, SideChannel channel, int depth) {
        StoreClient client = new StoreClient(context, channel, depth);
        Thread.ofVirtual().name("store-client").start(client::watch);
        return client;
    }

    private StoreOffer connect(int depth) {
        StoreLink link =
                StoreLink.begin(
                        StoreEnd.CLIENT,
                        queuePair,
                        Set.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE));
        channel.readTimeout(PATIENCE);
        link.offer(depth, new StoreGeometry(512, 1), 512).send(channel);
        StoreOffer target = StoreOffer.receive(channel);
        link.connect(target);
        channel.readTimeout(Duration.ZERO);
        return target;
    }

    private void watch() {
        channel.awaitClosed();
        targetLeft = true;
    }

    /// How large the store is.
    public StoreGeometry geometry() {
        return geometry;
    }

    /// Commands that can be under way.
    public int depth() {
        return buffers.size();
    }

    /// Bytes of the longest command.
    public int maxTransfer() {
        return maxTransfer;
    }

    /// Takes a buffer.
    ///
    /// @return its number, or -1 when all are under way
    public int take() {
        Integer buffer = free.pollFirst();
        return buffer == null ? -1 : buffer;
    }

    /// Gives a buffer back that was taken.
    public void release(int buffer) {
        free.addLast(buffer);
    }

    /// The bytes of a buffer.
    public MemorySegment bytes(int buffer) {
        return buffers.get(buffer).segment();
    }

    /// The registration of a buffer. Once it is closed the target cannot reach it any more.
    MemoryRegion region(int buffer) {
        return buffers.get(buffer);
    }

    /// Sends a command on its way.
    ///
    /// @param buffer a buffer that was taken; the command moves its first bytes
    /// @param blocks how many; 0 for a FLUSH
    public void submit(int buffer, StoreCommand command, long firstBlock, int blocks) {
        MemoryRegion region = buffers.get(buffer);
        submit(
                new RequestCapsule(
                        command.opcode(),
                        buffer,
                        blocks,
                        firstBlock,
                        region.address(),
                        blocks * geometry.blockSize(),
                        region.remoteKey()));
    }

    /// Sends any request; its identifier is the buffer.
    void submit(RequestCapsule capsule) {
        while (sendsUnderWay == queuePair.capabilities().maxSendRequests() && !lost) {
            progress();
        }
        int buffer = capsule.identifier();
        isUnderWay[buffer] = true;
        if (lost) {
            end(buffer, StoreStatus.ABORTED);
            return;
        }
        capsule.write(request);
        sendsUnderWay++;
        sends.send(StoreWork.REQUEST.id(buffer))
                .inlineData(request, 0, RequestCapsule.LENGTH)
                .signaled()
                .post();
    }

    /// Sends bytes that are no request.
    void sendRaw(int length) {
        sendsUnderWay++;
        sends.send(StoreWork.REQUEST.id(0)).inlineData(request, 0, length).signaled().post();
    }

    /// Looks for a command that has ended.
    ///
    /// @return its buffer, or -1 when none has
    public int poll() {
        if (ended.isEmpty()) {
            progress();
        }
        Integer buffer = ended.pollFirst();
        return buffer == null ? -1 : buffer;
    }

    /// How the last command of a buffer ended.
    public StoreStatus status(int buffer) {
        return statuses[buffer];
    }

    /// Whether the connection is lost. All commands end with `ABORTED` then.
    public boolean isLost() {
        return lost;
    }

    /// What a command that found no answer waits for, or why the connection was lost; empty when
    /// neither is known.
    public String account() {
        return lost
                ? account
                : queuePair.waitsFor().stream()
                        .map(it -> "; waits for " + it.sentence())
                        .collect(Collectors.joining());
    }

    private void progress() {
        boolean mayLeave = targetLeft;
        while (cursor.next()) {
            long id = cursor.workRequestId();
            if (cursor.status() != WorkCompletionStatus.SUCCESS) {
                lose();
            } else if (StoreWork.of(id) == StoreWork.RESPONSE) {
                onResponse(StoreWork.place(id));
            } else {
                sendsUnderWay--;
            }
        }
        if (mayLeave) {
            lose();
        }
    }

    private void onResponse(int place) {
        long offset = (long) place * ResponseCapsule.LENGTH;
        ResponseCapsule response =
                ResponseCapsule.read(responses.segment().asSlice(offset, ResponseCapsule.LENGTH));
        int buffer = response.identifier();
        if (buffer >= isUnderWay.length || !isUnderWay[buffer]) {
            lose();
            return;
        }
        if (!lost) {
            postReceive(place);
        }
        end(buffer, response.status());
    }

    private void postReceive(int place) {
        receives.receive(StoreWork.RESPONSE.id(place))
                .element(
                        responses.address() + (long) place * ResponseCapsule.LENGTH,
                        ResponseCapsule.LENGTH,
                        responses.localKey())
                .post();
    }

    private void end(int buffer, StoreStatus status) {
        isUnderWay[buffer] = false;
        statuses[buffer] = status;
        ended.addLast(buffer);
    }

    /// Ends the connection. The queue pair goes to ERR first: from then on the target reaches no
    /// buffer, and they can be given back.
    private void lose() {
        if (lost) {
            return;
        }
        lost = true;
        account = queuePair.firstError().map(it -> "; " + it.line()).orElse("");
        queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        for (int buffer = 0; buffer < isUnderWay.length; buffer++) {
            if (isUnderWay[buffer]) {
                end(buffer, StoreStatus.ABORTED);
            }
        }
    }

    @Override
    public void close() {
        try {
            lose();
        } finally {
            openings.close();
        }
    }
}
