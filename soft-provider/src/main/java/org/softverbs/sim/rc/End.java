package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.Scarce;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;

/// One end of a connection: a queue pair, three regions, and the models of what it sends and
/// receives.
///
/// Its memory is three parts with untouchable bytes between them: slots that its own requests use,
/// memory that the peer's requests go to, and receive buffers.
final class End {

    static final int SLOTS = 8;
    static final int TARGETS = 3;
    static final int COUNTERS = 2;
    static final int RECEIVES = 16;

    /// Room on the send queue; a few are left free.
    static final int OUTSTANDING = 24;

    private static final int GAP = 256;
    private static final int COUNTER_BYTES = 64;
    private static final int MOST_SGE = 4;
    private static final int MOST_INLINE = 128;
    private static final Set<AccessFlag> LOCAL = EnumSet.of(AccessFlag.LOCAL_WRITE);
    static final Set<AccessFlag> REMOTE =
            EnumSet.of(
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_READ,
                    AccessFlag.REMOTE_ATOMIC);

    private final Node node;
    private final MemorySegment memory;
    private final int slotBytes;
    private final SendModel sends;
    private final ReceiveModel receives;
    private final Loan loan = new Loan(this);
    private @Nullable End peer;
    private @Nullable QueuePair queuePair;
    private @Nullable MemoryRegion local;
    private @Nullable MemoryRegion target;
    private @Nullable MemoryRegion buffers;
    private long remoteAddress;
    private int remoteKey;
    private long bufferAddress;
    private int bufferKey;
    private int startPsn;
    private @Nullable GlobalIdentifier connectedFrom;
    private boolean moved;
    private boolean askedForWrong;

    /// @param memory as much as [#bytes] says
    End(Node node, MemorySegment memory, RcSettings settings) {
        this.node = node;
        this.memory = memory;
        this.slotBytes = settings.slotBytes();
        this.startPsn = node.startPsn();
        this.sends = new SendModel(this, settings);
        this.receives = new ReceiveModel(this, settings);
    }

    /// Memory that an end needs.
    static long bytes(int slotBytes) {
        return 4L * GAP + (long) (SLOTS + TARGETS + RECEIVES) * slotBytes + COUNTER_BYTES;
    }

    void join(End other) {
        peer = other;
    }

    End peer() {
        return present(peer);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the end is not open");
        }
        return value;
    }

    Node node() {
        return node;
    }

    SendModel sends() {
        return sends;
    }

    ReceiveModel receives() {
        return receives;
    }

    /// What it lends to the peer; nothing unless the scenario is about it.
    Loan loan() {
        return loan;
    }

    /// Whether the peer may have found a key gone that it used.
    boolean wasRevoked() {
        return loan.wasRevoked();
    }

    /// Posts a request, telling the model first.
    void post(Request request, SendWorkRequest work) {
        sends.add(request);
        node.posted(this, request);
        queuePair().postSend(work);
    }

    QueuePair queuePair() {
        return present(queuePair);
    }

    MemoryRegion local() {
        return present(local);
    }

    MemoryRegion buffers() {
        return present(buffers);
    }

    /// Where the peer's requests go, also when the region is gone.
    long remoteAddress() {
        return remoteAddress;
    }

    int remoteKey() {
        return remoteKey;
    }

    /// The receive buffers, to which a peer has no right.
    long bufferAddress() {
        return bufferAddress;
    }

    int bufferKey() {
        return bufferKey;
    }

    MemorySegment slot(int slot) {
        return slots().asSlice((long) slot * slotBytes, slotBytes);
    }

    /// A part of a slot.
    Sge element(int slot, int offset, int length) {
        return local().element((long) slot * slotBytes + offset, length);
    }

    int slotBytes() {
        return slotBytes;
    }

    MemorySegment slots() {
        return memory.asSlice(GAP, (long) SLOTS * slotBytes);
    }

    private long targetStart() {
        return 2L * GAP + (long) SLOTS * slotBytes;
    }

    MemorySegment targets() {
        return memory.asSlice(targetStart(), (long) TARGETS * slotBytes + COUNTER_BYTES);
    }

    private long bufferStart() {
        return targetStart() + (long) TARGETS * slotBytes + COUNTER_BYTES + GAP;
    }

    MemorySegment receiveBuffers() {
        return memory.asSlice(bufferStart(), (long) RECEIVES * slotBytes);
    }

    /// Makes regions and queue pair on the node's device, which is new, with fresh memory.
    void open() {
        memory.fill(DataBank.POISON);
        Scarce.until(
                () -> {
                    registerAll();
                    createQueuePair();
                    return this;
                });
    }

    private void registerAll() {
        if (local == null) {
            local = node.domain().registerMemory(slots(), LOCAL);
        }
        if (target == null) {
            target = node.domain().registerMemory(targets(), REMOTE);
            remoteAddress = target.address();
            remoteKey = target.remoteKey();
        }
        if (buffers == null) {
            buffers = node.domain().registerMemory(receiveBuffers(), LOCAL);
            bufferAddress = buffers.address();
            bufferKey = buffers.remoteKey();
        }
        if (node.lends()) {
            loan.open(node.domain(), slotBytes);
        }
    }

    private void createQueuePair() {
        queuePair =
                node.domain()
                        .createQueuePair(
                                new QueuePairOptions(
                                        QueuePairType.RC,
                                        node.sendQueue(),
                                        node.receiveQueue(),
                                        new QueuePairCapabilities(
                                                OUTSTANDING + 2,
                                                RECEIVES,
                                                MOST_SGE,
                                                MOST_SGE,
                                                MOST_INLINE),
                                        false));
        node.add(this);
    }

    /// Ends a region although the peer may use it.
    ///
    /// @param which 0 for the peer's targets, 1 for the own slots, 2 for the receive buffers
    void deregister(int which) {
        switch (which) {
            case 0 -> {
                close(target);
                target = null;
                peer().sends().targetsGone();
            }
            case 1 -> {
                close(local);
                local = null;
            }
            default -> {
                close(buffers);
                buffers = null;
            }
        }
    }

    /// Whether a region of [#deregister] is there.
    boolean isRegistered(int which) {
        return switch (which) {
            case 0 -> target != null;
            case 1 -> local != null;
            default -> buffers != null;
        };
    }

    private static void close(@Nullable MemoryRegion region) {
        if (region != null) {
            region.close();
        }
    }

    /// The peer is about to ask for what must be refused to it.
    void expectRefusal() {
        askedForWrong = true;
    }

    /// Whether the queue pair may have failed by something else than its own oldest request: its
    /// program moved it, its device is gone, or it refused what the peer asked for.
    boolean mayBeFlushed() {
        return moved || !node.isDevicePresent() || mayHaveRefused();
    }

    private boolean mayHaveRefused() {
        return askedForWrong || target == null || buffers == null || wasRevoked();
    }

    boolean isWhole() {
        return local != null && target != null && buffers != null;
    }

    /// Whether to move the queue pair to ERR changes anything.
    boolean mayFail() {
        return queuePair != null
                && queuePair.state() != QueuePairState.RESET
                && queuePair.state() != QueuePairState.ERR;
    }

    /// Moves the queue pair to ERR.
    void fail() {
        if (queuePair != null && queuePair.state() != QueuePairState.RESET) {
            moved = true;
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
            node.touch();
        }
    }

    /// Whether it can go on as it is.
    boolean isSound() {
        return isWhole()
                && queuePair != null
                && queuePair.state() == QueuePairState.RTS
                && node.address().equals(connectedFrom);
    }

    /// Whether packets for the address that it was connected from come to it.
    boolean isReached() {
        return queuePair != null && node.host().portAddress().equals(connectedFrom);
    }

    /// Ends the queue pair.
    void destroy() {
        QueuePair old = queuePair;
        if (old != null) {
            node.remove(this);
            old.close();
            queuePair = null;
            peer().sends().receivesGone();
            sends.destroyed();
            receives.destroyed();
        }
    }

    boolean isDestroyed() {
        return queuePair == null;
    }

    /// Closes all there is.
    void close() {
        destroy();
        loan.close();
        for (int part = 0; part < 3; part++) {
            deregister(part);
        }
    }

    /// The node lost power: all is gone, nobody need be told.
    void lost() {
        queuePair = null;
        local = null;
        target = null;
        buffers = null;
        loan.lost();
        sends.destroyed();
        receives.destroyed();
        peer().sends().peerLost();
    }

    /// Judges what came of the connection, which is over.
    void finish() {
        sends.finish();
        sends.checkDelivered();
        receives.finish();
        sends.targetsGone();
        sends.loanGone();
    }

    /// As new, for another connection; everything of the old one is over.
    ///
    /// @param again whether to take another queue pair instead of the same once more
    void renew(boolean again) {
        if (again) {
            destroy();
        }
        loan.close();
        registerAll();
        if (queuePair == null) {
            createQueuePair();
        } else {
            queuePair().modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
        // Far from the packets of the old connection, as a connection manager's time-wait sees to.
        startPsn = (startPsn + 0x40_0000 + node.startPsn() % 0x1000) & 0xff_ffff;
    }

    /// Connects to the peer, which is as new.
    void connect(RcSettings settings) {
        QueuePair mine = queuePair();
        End other = peer();
        connectedFrom = node.address();
        moved = false;
        askedForWrong = false;
        mine.modify(QueuePairAttributes.toInit(REMOTE));
        mine.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(new AddressVector(other.node().address(), 0))
                        .destinationQueuePairNumber(other.queuePair().number())
                        .receivePacketSequenceNumber(other.startPsn)
                        .pathMtu(settings.mtu())
                        .maxDestinationReadAtomic(settings.reads())
                        .minRnrTimer(settings.rnrTimer())
                        .build());
        mine.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(startPsn)
                        .timeout(settings.timeout())
                        .retryCount(settings.retryCount())
                        .rnrRetry(settings.rnrRetry())
                        .maxReadAtomic(settings.reads())
                        .build());
    }

    /// The bytes between the parts were never written.
    void checkGaps() {
        long size = slotBytes;
        checkGap(0);
        checkGap(GAP + SLOTS * size);
        checkGap(targetStart() + TARGETS * size + COUNTER_BYTES);
        checkGap(bufferStart() + RECEIVES * size);
    }

    private void checkGap(long at) {
        long written = DataBank.written(memory, at, GAP);
        require(
                written < 0,
                "M1",
                () -> this + ": byte " + (at + written) + " is of no region, and was written");
    }

    @Override
    public String toString() {
        return node.name() + (queuePair == null ? " (no queue pair)" : " qp " + queuePair.number());
    }
}
