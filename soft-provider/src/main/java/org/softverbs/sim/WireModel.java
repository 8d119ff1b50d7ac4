package org.softverbs.sim;

import static org.softverbs.sim.InvariantViolation.require;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.Mtu;

/// What may be seen on the wire: packets of legal lengths whose padding is zero, no NAK but for a
/// gap, one for each, and requests that are sent again as often as was asked for.
///
/// It knows what a node sent and what reached it, and nothing else of the engines.
public final class WireModel implements PacketObserver {

    private static final int PAD_BYTE = 1;
    private static final int PAD_SHIFT = 4;
    private static final int PAD_MASK = 3;
    private static final int QPN_WORD = 4;
    private static final int PSN_WORD = 8;
    private static final int DMA_LENGTH_IN_RETH = 12;
    private static final int NODE_SHIFT = 24;
    private static final int REMEMBERED = 256;
    private static final int NUMBER_MASK = 0xff_ffff;
    private static final int NUMBER_SHIFT = 8;

    /// What is known of a queue pair.
    private static final class Line {

        private @Nullable Line peer;
        /// The PSN that it said is missing, until that arrives.
        private int missing;
        private boolean naked;
        /// The newest requests that arrived since its last NAK.
        private final int[] arrived = new int[REMEMBERED];
        private int arrivals;
        /// The newest WRITE of several packets that it sent.
        private int writePsn;
        private long writeLength;
        /// What became of its requests.
        private final RetryModel retries;

        Line(RetryLimits limits) {
            retries = new RetryModel(limits);
        }
    }

    private final int mtu;
    private final RetryLimits limits;
    private @Nullable InvariantViolation found;
    private final Map<Integer, Line> lines = new LinkedHashMap<>();

    /// @param mtu of all connections
    /// @param limits of all connections
    public WireModel(Mtu mtu, RetryLimits limits) {
        this.mtu = mtu.bytes();
        this.limits = limits;
    }

    private static int key(int node, int number) {
        return node << NODE_SHIFT | number;
    }

    /// Two queue pairs are connected and nothing is under way between them.
    ///
    /// @param nodes where they are
    /// @param left number of the one on the first node
    /// @param right number of the other
    public void connected(Place nodes, int left, int right) {
        Line one = new Line(limits);
        Line other = new Line(limits);
        one.peer = other;
        other.peer = one;
        lines.put(key(nodes.from(), left), one);
        lines.put(key(nodes.to(), right), other);
    }

    private @Nullable Line destination(Place place, ByteBuffer packet) {
        return lines.get(key(place.to(), packet.getInt(QPN_WORD) & NUMBER_MASK));
    }

    /// How far one PSN is ahead of another; below 0 when it is behind.
    static int difference(int one, int other) {
        return (one - other) << NUMBER_SHIFT >> NUMBER_SHIFT;
    }

    static int plus(int psn, int count) {
        return (psn + count) & NUMBER_MASK;
    }

    private static int psn(ByteBuffer packet) {
        return packet.getInt(PSN_WORD) & NUMBER_MASK;
    }

    /// @throws InvariantViolation when something was seen that must not be
    public void check() {
        if (found != null) {
            throw found;
        }
    }

    /// Keeps what is wrong until [#check]: an engine would take it for a failure of its own.
    @Override
    public void onSent(Place place, ByteBuffer packet, int length) {
        if (found == null) {
            try {
                judge(place, packet, length);
            } catch (InvariantViolation wrong) {
                found = wrong;
            }
        }
    }

    private void judge(Place place, ByteBuffer packet, int length) {
        RoceOpcode opcode = RoceOpcode.of(packet.get(0) & 0xff);
        Line to = destination(place, packet);
        Line from = to == null ? null : to.peer;
        if (opcode == null || from == null) {
            return;
        }
        int padding = packet.get(PAD_BYTE) >> PAD_SHIFT & PAD_MASK;
        int payload = length - opcode.headerLength() - padding;
        boolean legal = isLegal(opcode, payload) && padding == (-payload & PAD_MASK);
        require(legal, "T12", () -> tell(place, packet, opcode, payload));
        if (padding > 0) {
            boolean clean = isZero(packet, length - padding, length);
            require(clean, "M10", () -> tell(place, packet, opcode, payload) + " and more behind");
        }
        if (opcode.operation() == Operation.WRITE) {
            boolean fits = fitsWrite(from, packet, opcode, payload);
            require(fits, "T12", () -> tell(place, packet, opcode, payload));
        }
        if (opcode == RoceOpcode.RC_ACKNOWLEDGE
                && (packet.get(opcode.offsetOf(ExtensionHeader.AETH)) & 0xff)
                        == AckSyndrome.NAK_PSN_SEQUENCE_ERROR) {
            onSequenceNak(from, place, psn(packet));
        }
        if (opcode.isRequest()) {
            Operation operation = opcode.operation();
            boolean isRead = operation == Operation.READ_REQUEST;
            from.retries.onSent(
                    psn(packet),
                    isRead ? packetsOfRead(packet, opcode) : 1,
                    packet.getInt(PSN_WORD) < 0,
                    isRead || hasResponse(operation),
                    place);
        }
    }

    private static boolean hasResponse(Operation operation) {
        return switch (operation) {
            case COMPARE_SWAP, FETCH_ADD, FLUSH, ATOMIC_WRITE -> true;
            case SEND, WRITE, READ_REQUEST, READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> false;
        };
    }

    private int packetsOfRead(ByteBuffer packet, RoceOpcode opcode) {
        int at = opcode.offsetOf(ExtensionHeader.RETH) + DMA_LENGTH_IN_RETH;
        long length = Integer.toUnsignedLong(packet.getInt(at));
        return (int) Math.max(1, (length + mtu - 1) / mtu);
    }

    private static boolean isZero(ByteBuffer packet, int from, int end) {
        for (int i = from; i < end; i++) {
            if (packet.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isLegal(RoceOpcode opcode, int payload) {
        if (!opcode.hasPayload()) {
            return payload == 0;
        }
        return switch (opcode.position()) {
            case FIRST, MIDDLE -> payload == mtu;
            case LAST -> payload >= 1 && payload <= mtu;
            case ONLY -> payload >= 0 && payload <= mtu;
        };
    }

    /// A WRITE carries what its RETH says. What is sent again from its midst is judged when it is
    /// the newest.
    private boolean fitsWrite(Line from, ByteBuffer packet, RoceOpcode opcode, int payload) {
        if (opcode.startsMessage()) {
            int at = opcode.offsetOf(ExtensionHeader.RETH) + DMA_LENGTH_IN_RETH;
            long length = Integer.toUnsignedLong(packet.getInt(at));
            if (opcode.endsMessage()) {
                return length == payload;
            }
            from.writePsn = psn(packet);
            from.writeLength = length;
            return length > payload;
        }
        long index = difference(psn(packet), from.writePsn);
        long last = (from.writeLength - 1) / mtu;
        if (index <= 0 || index > last) {
            return true;
        }
        return opcode.endsMessage()
                ? index == last && payload == from.writeLength - last * mtu
                : index < last;
    }

    /// Whether such a request arrived since the last NAK. Each is looked at by itself: those that
    /// come late, of an earlier connection, have PSNs anywhere.
    private static boolean hasArrived(Line line, IntPredicate which) {
        return Arrays.stream(line.arrived, 0, Math.min(line.arrivals, REMEMBERED)).anyMatch(which);
    }

    private static void onSequenceNak(Line from, Place place, int psn) {
        require(
                !from.naked,
                "T10",
                () -> place + ": NAK of " + psn + ", and " + from.missing + " did not come yet");
        require(
                hasArrived(from, each -> difference(each, psn) > 0),
                "T10",
                () -> place + ": NAK of " + psn + ", and nothing arrived behind it");
        // It may leave when what it asks for has just arrived: then the gap is closed already.
        from.naked = !hasArrived(from, each -> each == psn);
        from.missing = psn;
        from.arrivals = 0;
    }

    private static String tell(Place place, ByteBuffer packet, RoceOpcode opcode, int payload) {
        return place + ": " + opcode + " of PSN " + psn(packet) + " carries " + payload + " bytes";
    }

    @Override
    public void onArrived(Place place, ByteBuffer packet, int length) {
        RoceOpcode opcode = RoceOpcode.of(packet.get(0) & 0xff);
        Line line = destination(place, packet);
        if (opcode == null || line == null) {
            return;
        }
        int psn = psn(packet);
        if (!opcode.isRequest()) {
            boolean isAck = opcode.operation() == Operation.ACKNOWLEDGE;
            int syndrome = isAck ? packet.get(opcode.offsetOf(ExtensionHeader.AETH)) & 0xff : 0;
            line.retries.onAnswer(opcode.operation(), psn, syndrome);
            return;
        }
        line.arrived[line.arrivals++ % REMEMBERED] = psn;
        if (line.naked && psn == line.missing) {
            line.naked = false;
        }
    }

    /// Whether a queue pair sent its oldest packet again as often as it was asked to, and may give
    /// up.
    ///
    /// @param node where it is
    /// @param number of it
    public boolean mayBeOutOfRetries(int node, int number) {
        Line line = lines.get(key(node, number));
        return line == null || line.retries.mayBeOutOfRetries();
    }

    /// Whether a queue pair was told as often as it was asked to wait for that there is no receive,
    /// and may give up.
    ///
    /// @param node where it is
    /// @param number of it
    public boolean mayBeOutOfRnrRetries(int node, int number) {
        Line line = lines.get(key(node, number));
        return line == null || line.retries.mayBeOutOfRnrRetries();
    }
}
