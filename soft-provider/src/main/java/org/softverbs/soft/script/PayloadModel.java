package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.queue.SgeList;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;

/// Which bytes each packet of the engine must carry, by what was posted and what the peer asked
/// for. It knows that PSNs are given out in the order of posting, and nothing of the engine.
final class PayloadModel {

    private static final int NO_KEY = 0;

    /// A piece of memory under a key.
    private record Piece(int key, long address, long length) {}

    /// A message: whose PSNs these are, and where its bytes are.
    private record Message(int psn, int packets, List<Piece> pieces, @Nullable Octets inline) {

        boolean covers(int other) {
            return PacketSequenceNumber.isWithin(other, psn, packets);
        }
    }

    private final ScriptMemory memory;
    private final List<Message> requests = new ArrayList<>();
    private final List<Message> reads = new ArrayList<>();
    private int mtu;
    private int nextPsn;

    PayloadModel(ScriptMemory memory) {
        this.memory = memory;
    }

    /// A connection begins.
    void start(int pathMtu, int sendPsn) {
        mtu = pathMtu;
        nextPsn = sendPsn;
        requests.clear();
        reads.clear();
    }

    /// The connection may send. The first PSN may be another than it was when the connection began,
    /// as long as nothing was posted.
    void sendFrom(int sendPsn) {
        if (requests.isEmpty()) {
            nextPsn = sendPsn;
        }
    }

    /// A request was posted.
    void posted(SendWqe wqe) {
        if (wqe.operation().isLocal()) {
            return;
        }
        boolean alone = wqe.operation().isAtomic() || wqe.operation().isPlacement();
        int packets = alone ? 1 : packets(wqe.length());
        List<Piece> pieces = new ArrayList<>();
        Octets inline = null;
        if (wqe.operation() == SendOperation.ATOMIC_WRITE) {
            inline = Octets.of(Stimuli.nativeBytes(wqe.swapOrAdd()));
        } else if (wqe.isInline()) {
            byte[] bytes = new byte[(int) wqe.length()];
            wqe.inlineBuffer().asByteBuffer().get(0, bytes);
            inline = Octets.of(bytes);
        } else {
            SgeList elements = wqe.elements();
            for (int i = 0; i < elements.count(); i++) {
                pieces.add(
                        new Piece(elements.localKey(i), elements.address(i), elements.length(i)));
            }
        }
        requests.add(new Message(nextPsn, packets, pieces, inline));
        nextPsn = PacketSequenceNumber.add(nextPsn, packets);
    }

    /// The peer asked for memory.
    void received(RocePacket packet) {
        if (packet.bth().opcode().operation() != Operation.READ_REQUEST) {
            return;
        }
        for (Extension extension : packet.extensions()) {
            if (extension instanceof Extension.Reth reth) {
                Piece piece = new Piece(reth.remoteKey(), reth.virtualAddress(), reth.dmaLength());
                int packets = packets(reth.dmaLength());
                reads.add(new Message(packet.bth().psn(), packets, List.of(piece), null));
            }
        }
    }

    private int packets(long length) {
        return (int) Math.max(1, (length + mtu - 1) / mtu);
    }

    /// The payload that a packet must have; null when nothing tells.
    @Nullable Octets due(RocePacket packet) {
        RoceOpcode opcode = packet.bth().opcode();
        if (!opcode.hasPayload()) {
            return Octets.of();
        }
        List<Message> messages = opcode.operation() == Operation.READ_RESPONSE ? reads : requests;
        int psn = packet.bth().psn();
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).covers(psn)) {
                return payload(messages.get(i), psn);
            }
        }
        return null;
    }

    private @Nullable Octets payload(Message message, int psn) {
        int offset = PacketSequenceNumber.distance(message.psn(), psn) * mtu;
        Octets inline = message.inline();
        if (inline != null) {
            int end = Math.min(inline.length(), offset + mtu);
            return Octets.of(Arrays.copyOfRange(inline.toArray(), offset, end));
        }
        long total = message.pieces().stream().mapToLong(Piece::length).sum();
        byte[] bytes = new byte[(int) Math.min(mtu, total - offset)];
        return fill(message.pieces(), offset, bytes) ? Octets.of(bytes) : null;
    }

    private boolean fill(List<Piece> pieces, long offset, byte[] bytes) {
        long skip = offset;
        int done = 0;
        for (Piece piece : pieces) {
            long part = Math.min(piece.length() - skip, bytes.length - done);
            if (part > 0) {
                byte @Nullable [] found = memory.bytes(piece.key(), piece.address() + skip, part);
                if (found == null || piece.key() == NO_KEY) {
                    return false;
                }
                System.arraycopy(found, 0, bytes, done, (int) part);
                done += (int) part;
            }
            skip = Math.max(0, skip - piece.length());
        }
        return true;
    }
}
