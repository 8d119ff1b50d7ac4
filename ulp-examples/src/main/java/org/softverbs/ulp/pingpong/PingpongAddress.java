package org.softverbs.ulp.pingpong;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.GlobalIdentifier;

/// What the two ends of a ping-pong tell each other: 52 bytes of text, `LID:QPN:PSN:GID` and a NUL.
///
/// We write the PSN with capital digits, which the original reads as well as small ones and never
/// writes: that is how two of our own ends know each other.
///
/// @param queuePairNumber 24 bits
/// @param packetSequenceNumber first PSN, 24 bits
/// @param gid the end's address
/// @param isOurs whether the end is one of ours
record PingpongAddress(
        int queuePairNumber, int packetSequenceNumber, GlobalIdentifier gid, boolean isOurs) {

    /// Stands for a queue pair that is not there.
    static final PingpongAddress NONE =
            new PingpongAddress(0, 0, GlobalIdentifier.ofBytes(new byte[16]), false);

    /// Bytes of the message, with the NUL.
    static final int LENGTH = 52;

    private static final Pattern FORM =
            Pattern.compile("([0-9a-fA-F]{4}):([0-9a-fA-F]{6}):([0-9a-fA-F]{6}):([0-9a-fA-F]{32})");

    static PingpongAddress parse(String text, String peer) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new ToolException(
                    peer + " is no pingpong: it sent '" + printable(text) + "' for an address");
        }
        String psn = matcher.group(3);
        return new PingpongAddress(
                HexFormat.fromHexDigits(matcher.group(2)),
                HexFormat.fromHexDigits(psn),
                GlobalIdentifier.ofBytes(HexFormat.of().parseHex(matcher.group(4))),
                !psn.equals(psn.toLowerCase(Locale.ROOT)));
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    String toWireString() {
        return String.format(
                Locale.ROOT,
                "0000:%06x:%06X:%s",
                queuePairNumber,
                packetSequenceNumber,
                gid.toWireString());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "LID 0x0000, QPN 0x%06x, PSN 0x%06x, GID %s",
                queuePairNumber,
                packetSequenceNumber,
                gid);
    }
}
