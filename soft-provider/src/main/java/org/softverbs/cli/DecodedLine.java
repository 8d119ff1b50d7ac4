package org.softverbs.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.softverbs.soft.wire.packet.Bth;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.BthFlyweight;

/** Puts a packet on one line. */
final class DecodedLine {

    private DecodedLine() {}

    static String of(int frame, double seconds, CapturedRoce captured, RocePacket.Parsed parsed) {
        return String.format(
                Locale.ROOT,
                "%5d %12.9f  %s > %s  %s  icrc %s",
                frame,
                seconds,
                address(captured.source()),
                address(captured.destination()),
                content(parsed),
                verdict(captured));
    }

    static String ofField(String name, Object value) {
        String shown =
                value instanceof Long number && (number < 0 || number > 9)
                        ? String.format("%s (0x%x)", Long.toUnsignedString(number), number)
                        : value.toString();
        return "        " + name + ": " + shown;
    }

    private static String content(RocePacket.Parsed parsed) {
        return switch (parsed) {
            case RocePacket.Refused refused ->
                    "refused: " + refused.fault().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            case RocePacket.Accepted accepted -> content(accepted.packet());
        };
    }

    private static String content(RocePacket packet) {
        Bth bth = packet.bth();
        StringBuilder line = new StringBuilder(120);
        line.append(
                String.format(
                        "qp 0x%06x %s psn %d", bth.destinationQpn(), bth.opcode(), bth.psn()));
        line.append(bth.ackRequest() ? " ack-request" : "");
        line.append(bth.solicitedEvent() ? " solicited" : "");
        if (bth.partitionKey() != BthFlyweight.DEFAULT_PARTITION_KEY) {
            line.append(String.format(" p_key 0x%04x", bth.partitionKey()));
        }
        packet.extensions().forEach(extension -> line.append(' ').append(describe(extension)));
        if (bth.opcode().hasPayload()) {
            line.append(" payload ").append(packet.payload().length());
        }
        if (bth.padCount() > 0) {
            line.append(" pad ").append(bth.padCount());
            line.append(packet.pad().isZero() ? "" : " (not zero)");
        }
        return line.toString();
    }

    private static String describe(Extension extension) {
        return switch (extension) {
            case Extension.Reth reth ->
                    String.format(
                            "reth va 0x%x rkey 0x%x length %d",
                            reth.virtualAddress(), reth.remoteKey(), reth.dmaLength());
            case Extension.Aeth aeth ->
                    String.format(
                            "aeth %s msn %d",
                            AckSyndrome.describe(aeth.syndrome()), aeth.messageSequenceNumber());
            case Extension.AtomicEth atomic ->
                    String.format(
                            "atomic va 0x%x rkey 0x%x swap-or-add 0x%x compare 0x%x",
                            atomic.virtualAddress(),
                            atomic.remoteKey(),
                            atomic.swapOrAdd(),
                            atomic.compare());
            case Extension.AtomicAckEth ack -> String.format("original 0x%x", ack.originalValue());
            case Extension.ImmDt immDt -> String.format("immediate 0x%08x", immDt.immediate());
            case Extension.Ieth ieth -> String.format("invalidate rkey 0x%x", ieth.remoteKey());
            case Extension.Deth deth ->
                    String.format(
                            "deth q_key 0x%08x from qp 0x%06x", deth.queueKey(), deth.sourceQpn());
            case Extension.Feth feth ->
                    String.format(
                            "feth placement 0x%x selectivity %d",
                            feth.placement(), feth.selectivity());
            case Extension.XrcEth xrc ->
                    String.format("xrceth srq 0x%06x", xrc.sharedReceiveQueue());
        };
    }

    private static String verdict(CapturedRoce captured) {
        if (!captured.isComplete()) {
            return "unknown (the capture cut the packet)";
        }
        return captured.isIcrcGood() ? "ok" : "BAD";
    }

    static String address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IP header holds 4 or 16 bytes", e);
        }
    }
}
