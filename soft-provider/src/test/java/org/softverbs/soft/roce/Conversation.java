package org.softverbs.soft.roce;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.Captures;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// What a capture shows of one reliable connection, seen from one of its ends: what this end got
/// and what it sent, in order.
///
/// @param name file and end
/// @param lossy whether this end may have sent what is not in the capture
/// @param steps in the order of the capture
record Conversation(String name, boolean lossy, List<Step> steps) {

    /// A packet that this end got or sent.
    record Step(boolean sent, int frame, RocePacket packet) {

        RoceOpcode opcode() {
            return packet.bth().opcode();
        }

        int psn() {
            return packet.bth().psn();
        }
    }

    /// Both ends of the connection in a capture, or only those that are the kernel's; none when the
    /// capture holds several connections.
    static List<Conversation> of(Path file) {
        Map<String, Set<Integer>> numbers = new TreeMap<>();
        List<Captures.Found> packets = new ArrayList<>();
        for (Captures.Found found : Captures.packets(file)) {
            CapturedRoce roce = found.roce();
            if (roce.isIcrcGood()
                    && roce.parse() instanceof RocePacket.Accepted accepted
                    && accepted.packet().bth().opcode().service() == RoceOpcode.Service.RC) {
                packets.add(found);
                numbers.computeIfAbsent(text(roce.destination()), key -> new HashSet<>())
                        .add(accepted.packet().bth().destinationQpn());
            }
        }
        if (numbers.size() != 2 || numbers.values().stream().anyMatch(set -> set.size() != 1)) {
            return List.of();
        }
        List<Conversation> ends = new ArrayList<>();
        String name = String.valueOf(file.getFileName());
        for (String end : numbers.keySet()) {
            boolean kernel = !name.startsWith("user_") || end.endsWith("03");
            // What the black hole swallowed is in the capture and never came to the other end.
            boolean heard = !name.contains("blackhole") || end.endsWith("02");
            if (kernel && heard) {
                ends.add(end(name, end, packets));
            }
        }
        return ends;
    }

    private static Conversation end(String name, String end, List<Captures.Found> packets) {
        List<Step> steps = new ArrayList<>();
        for (Captures.Found found : packets) {
            if (found.roce().parse() instanceof RocePacket.Accepted accepted) {
                boolean sent = text(found.roce().source()).equals(end);
                steps.add(new Step(sent, found.frame(), accepted.packet()));
            }
        }
        return new Conversation(name + " as " + end, name.contains("loss"), steps);
    }

    private static String text(byte[] address) {
        return HexFormat.of().formatHex(address);
    }

    /// Whether it ends with a request to this end.
    boolean isCut() {
        return !steps.getLast().sent() && steps.getLast().opcode().isRequest();
    }

    /// Payload of a full packet.
    int mtu() {
        for (Step step : steps) {
            if (step.opcode().hasPayload()
                    && (step.opcode().isFirst() || step.opcode().isMiddle())) {
                return step.packet().payload().length();
            }
        }
        return 4096;
    }

    /// The lowest PSN of requests that this end sent, or got; its peer's NAKs tell of those that
    /// were lost.
    int firstPsn(boolean sent) {
        int first = -1;
        for (Step step : steps) {
            boolean request = step.opcode().isRequest() && step.sent() == sent;
            boolean nak = step.opcode() == RoceOpcode.RC_ACKNOWLEDGE && step.sent() != sent;
            nak &= nak && new SentPacket(step.packet()).syndrome() == 0x60;
            if (request || nak) {
                boolean lower = first < 0 || PacketSequenceNumber.isBefore(step.psn(), first);
                first = lower ? step.psn() : first;
            }
        }
        return Math.max(first, 0);
    }

    /// The answers of this end to what it got, by PSN and kind of refusal.
    boolean refused(Step request, int syndrome) {
        return steps.stream()
                .anyMatch(
                        step ->
                                step.sent()
                                        && step.opcode() == RoceOpcode.RC_ACKNOWLEDGE
                                        && step.psn() == request.psn()
                                        && new SentPacket(step.packet()).syndrome() == syndrome);
    }

    /// Requests of this end in the order of their PSN, each once, as far as none is missing.
    List<Step> requests() {
        Map<Integer, Step> byPsn = new HashMap<>();
        for (Step step : steps) {
            if (step.sent() && step.opcode().isRequest()) {
                byPsn.putIfAbsent(step.psn(), step);
            }
        }
        List<Step> ordered = new ArrayList<>();
        int psn = firstPsn(true);
        Step next = byPsn.get(psn);
        while (next != null) {
            ordered.add(next);
            psn = PacketSequenceNumber.add(psn, sequenceNumbers(next.packet()));
            next = byPsn.get(psn);
        }
        return ordered;
    }

    int sequenceNumbers(RocePacket request) {
        if (request.bth().opcode() != RoceOpcode.RC_READ_REQUEST) {
            return 1;
        }
        long length = new SentPacket(request).reth().dmaLength();
        return (int) Math.max(1, (length + mtu() - 1) / mtu());
    }
}
