package org.softverbs.soft.roce;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.roce.Conversation.Step;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// The memory of one end of a captured conversation, as far as the capture tells: for each key the
/// range from the first to the last byte that the peer was let touch, with the values that atomics
/// found there.
final class CapturedMemory implements MemoryAccess {

    /// Local key of as much memory as anyone likes.
    static final int OWN_KEY = 0x7f7f_7f7f;

    private static final class Range {
        long start = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        MemorySegment bytes = MemorySegment.NULL;
    }

    private final MemorySegment own = Arena.ofAuto().allocate(1 << 21, 8);
    private final Map<Integer, Range> ranges = new HashMap<>();
    private final Set<Long> restored = new HashSet<>();

    CapturedMemory(Conversation conversation) {
        for (Step step : conversation.steps()) {
            if (!step.sent() && !conversation.refused(step, AckSyndrome.NAK_REMOTE_ACCESS_ERROR)) {
                include(step);
            }
        }
        for (Range range : ranges.values()) {
            range.bytes = Arena.ofAuto().allocate(range.end - range.start, 8);
        }
        conversation.steps().forEach(step -> restore(conversation, step));
    }

    private void include(Step step) {
        SentPacket packet = new SentPacket(step.packet());
        if (step.opcode().has(ExtensionHeader.RETH) && packet.reth().dmaLength() > 0) {
            Extension.Reth reth = packet.reth();
            include(reth.remoteKey(), reth.virtualAddress(), reth.dmaLength());
        } else if (step.opcode().has(ExtensionHeader.ATOMIC_ETH)) {
            Extension.AtomicEth atomic = packet.extension(Extension.AtomicEth.class);
            include(atomic.remoteKey(), atomic.virtualAddress(), Long.BYTES);
        }
    }

    private void include(int key, long address, long length) {
        Range range = ranges.computeIfAbsent(key, _ -> new Range());
        range.start = Math.min(range.start, address);
        range.end = Math.max(range.end, address + length);
    }

    /// The first atomic on an address tells what was there.
    private void restore(Conversation conversation, Step request) {
        if (request.sent() || !request.opcode().has(ExtensionHeader.ATOMIC_ETH)) {
            return;
        }
        Extension.AtomicEth atomic =
                new SentPacket(request.packet()).extension(Extension.AtomicEth.class);
        Range range = ranges.get(atomic.remoteKey());
        if (range == null || restored.contains(atomic.virtualAddress())) {
            return;
        }
        restored.add(atomic.virtualAddress());
        for (Step answer : conversation.steps()) {
            if (answer.sent()
                    && answer.opcode() == RoceOpcode.RC_ATOMIC_ACKNOWLEDGE
                    && answer.psn() == request.psn()) {
                long value =
                        new SentPacket(answer.packet())
                                .extension(Extension.AtomicAckEth.class)
                                .originalValue();
                range.bytes.set(
                        ValueLayout.JAVA_LONG_UNALIGNED,
                        atomic.virtualAddress() - range.start,
                        value);
            }
        }
    }

    @Override
    public AccessResult resolve(
            Accessor who, int key, long address, long length, AccessRight right, RunList runs) {
        if (key == OWN_KEY && !right.isRemote()) {
            runs.add(own, address, length);
            return AccessResult.GRANTED;
        }
        Range range = ranges.get(key);
        if (range == null) {
            return AccessResult.UNKNOWN_KEY;
        }
        if (address < range.start || address + length > range.end) {
            return AccessResult.OUT_OF_BOUNDS;
        }
        runs.add(range.bytes, address - range.start, length);
        return AccessResult.GRANTED;
    }

    @Override
    public AccessResult resolveAll(Accessor who, int key, AccessRight right, RunList runs) {
        return AccessResult.OUT_OF_BOUNDS;
    }

    @Override
    public AccessResult invalidate(Accessor who, int key) {
        return AccessResult.GRANTED;
    }

    @Override
    public AccessResult invalidateLocally(Accessor who, int key) {
        return AccessResult.GRANTED;
    }

    @Override
    public AccessResult bind(
            Accessor who, int key, int regionKey, long address, long length, int bits) {
        return AccessResult.UNKNOWN_KEY;
    }

    @Override
    public AccessResult register(Accessor who, int key, int bits) {
        return AccessResult.UNKNOWN_KEY;
    }
}
