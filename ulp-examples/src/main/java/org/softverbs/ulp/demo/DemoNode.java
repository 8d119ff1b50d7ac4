package org.softverbs.ulp.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.softverbs.ulp.tool.PortGids;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;

/// What both ends of the demonstration are made of: one queue pair and one region.
final class DemoNode implements AutoCloseable {

    private static final Set<AccessFlag> ALL_ACCESS =
            EnumSet.of(
                    AccessFlag.LOCAL_WRITE,
                    AccessFlag.REMOTE_WRITE,
                    AccessFlag.REMOTE_READ,
                    AccessFlag.REMOTE_ATOMIC);

    /// The first bytes are for atomics.
    static final int ATOMIC_OFFSET = 0;

    /// Where messages start.
    static final int DATA_OFFSET = 64;

    private static final int MEMORY = DATA_OFFSET + (1 << 20);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int NUMBER_BOUND = 1 << 24;

    private final DeviceContext context;
    private final ProtectionDomain domain;
    private final CompletionQueue sends;
    private final CompletionQueue receives;
    private final MemoryRegion region;
    private final QueuePair queuePair;
    private final int firstPsn = new SecureRandom().nextInt(NUMBER_BOUND);

    DemoNode(DeviceContext context) {
        this.context = context;
        domain = context.allocateProtectionDomain();
        sends = context.createCompletionQueue(16);
        receives = context.createCompletionQueue(16);
        region = domain.registerMemory(Arena.ofAuto().allocate(MEMORY, 4096), ALL_ACCESS);
        queuePair =
                domain.createQueuePair(
                        new QueuePairOptions(
                                QueuePairType.RC,
                                sends,
                                receives,
                                new QueuePairCapabilities(16, 16, 1, 1, 0),
                                true));
        queuePair.modify(QueuePairAttributes.toInit(ALL_ACCESS));
    }

    DeviceContext context() {
        return context;
    }

    MemoryRegion region() {
        return region;
    }

    QueuePair queuePair() {
        return queuePair;
    }

    DemoPeer.Offer offer() {
        return new DemoPeer.Offer(
                PortGids.first(context).toWireString(),
                queuePair.number(),
                firstPsn,
                region.address(),
                region.remoteKey());
    }

    void connect(DemoPeer.Offer peer) {
        GlobalIdentifier gid = GlobalIdentifier.ofBytes(HexFormat.of().parseHex(peer.gid()));
        Mtu mtu = context.queryPort(1).activeMtu();
        queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(gid, 0),
                        peer.queuePairNumber(),
                        peer.packetSequenceNumber(),
                        mtu));
        queuePair.modify(QueuePairAttributes.toReadyToSend(firstPsn));
    }

    WorkCompletion awaitSend() {
        return await(sends, "send");
    }

    WorkCompletion awaitReceive() {
        return await(receives, "receive");
    }

    private WorkCompletion await(CompletionQueue queue, String which) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            List<WorkCompletion> completions = queue.poll(1);
            if (!completions.isEmpty()) {
                return completions.getFirst();
            }
            Thread.onSpinWait();
        }
        throw new ToolException(
                "no " + which + " completion within " + PATIENCE.toSeconds() + " seconds");
    }

    /// Fills the first bytes of the data with what an operation carries.
    void fill(DemoOperation operation) {
        MemorySegment segment = region.segment();
        for (int i = 0; i < operation.bytes(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, DATA_OFFSET + i, expected(operation, i));
        }
    }

    /// Makes sure that nothing is there of what an operation will bring.
    void clear() {
        region.segment().fill((byte) 0);
    }

    boolean holds(DemoOperation operation) {
        MemorySegment segment = region.segment();
        for (int i = 0; i < operation.bytes(); i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, DATA_OFFSET + i) != expected(operation, i)) {
                return false;
            }
        }
        return true;
    }

    private static byte expected(DemoOperation operation, int position) {
        int mixed = (position + 1) * 0x9E37_79B9;
        return (byte) ((mixed >>> 8) ^ operation.bytes());
    }

    long word() {
        return region.segment().get(ValueLayout.JAVA_LONG, ATOMIC_OFFSET);
    }

    void word(long value) {
        region.segment().set(ValueLayout.JAVA_LONG, ATOMIC_OFFSET, value);
    }

    @Override
    public void close() {
        queuePair.close();
        region.close();
        sends.close();
        receives.close();
        domain.close();
        context.close();
    }
}
