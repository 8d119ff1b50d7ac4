package org.softverbs.ulp.pingpong;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.GlobalIdentifier;

/// What the two ends of an `xsrq-pingpong` tell each other: 66 bytes of text,
/// `LID:RECV:SEND:PSN:SRQN:GID` and a NUL.
///
/// @param receiveNumber of the queue pair that receives, an XRC target, 24 bits
/// @param sendNumber of the queue pair that sends, an XRC initiator, 24 bits
/// @param packetSequenceNumber first PSN of both, 24 bits
/// @param queueNumber of the shared receive queue, 24 bits
/// @param gid the end's address
record XsrqAddress(
        int receiveNumber,
        int sendNumber,
        int packetSequenceNumber,
        int queueNumber,
        GlobalIdentifier gid) {

    /// Bytes of the message, with the NUL.
    static final int LENGTH = 66;

    private static final String NUMBER = ":([0-9a-fA-F]{6})";
    private static final Pattern FORM =
            Pattern.compile("[0-9a-fA-F]{4}" + NUMBER.repeat(4) + ":([0-9a-fA-F]{32})");

    static XsrqAddress parse(String text, String peer) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new ToolException(
                    peer
                            + " is no xsrq-pingpong: it sent '"
                            + text.replaceAll("[^\\x20-\\x7e]", "?")
                            + "' for an address");
        }
        return new XsrqAddress(
                HexFormat.fromHexDigits(matcher.group(1)),
                HexFormat.fromHexDigits(matcher.group(2)),
                HexFormat.fromHexDigits(matcher.group(3)),
                HexFormat.fromHexDigits(matcher.group(4)),
                GlobalIdentifier.ofBytes(HexFormat.of().parseHex(matcher.group(5))));
    }

    String toWireString() {
        return String.format(
                Locale.ROOT,
                "0000:%06x:%06x:%06x:%06x:%s",
                receiveNumber,
                sendNumber,
                packetSequenceNumber,
                queueNumber,
                gid.toWireString());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "LID 0000, QPN RECV %06x SEND %06x, PSN %06x, SRQN %06x, GID %s",
                receiveNumber,
                sendNumber,
                packetSequenceNumber,
                queueNumber,
                gid);
    }
}
