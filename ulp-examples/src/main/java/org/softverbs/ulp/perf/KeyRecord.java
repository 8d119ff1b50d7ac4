package org.softverbs.ulp.perf;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.GlobalIdentifier;

/// What an end tells about one of its queue pairs: 108 bytes of text, hexadecimal numbers with
/// colons between them and a NUL. As barrier the same record is sent again.
///
/// We write the PSN with capital digits, which the original reads as well as small ones and never
/// writes: that is how two of our own ends know each other.
///
/// Over a queue pair it is 56 bytes, numbers of 32 bits in network order. There the index of the
/// GID, which the original tells and does not read, is the mark of our ends.
///
/// @param outstandingReads READs and atomics that the end takes or makes at a time
/// @param queuePairNumber 24 bits
/// @param packetSequenceNumber first PSN, 24 bits
/// @param remoteKey key of the buffer
/// @param address the buffer
/// @param gid the end's address
/// @param isOurs whether the end is one of ours
record KeyRecord(
        int outstandingReads,
        int queuePairNumber,
        int packetSequenceNumber,
        int remoteKey,
        long address,
        GlobalIdentifier gid,
        boolean isOurs) {

    /// Bytes of a record, with the NUL.
    static final int LENGTH = 108;

    /// A bit that makes the last digit of a PSN a letter, see above.
    static final int MARK = 0xa;

    /// Bytes of a record over a queue pair.
    static final int BINARY_LENGTH = 56;

    /// Index of the GID that only our ends have.
    private static final int OUR_GID_INDEX = 0x7376_0000;

    private static final Pattern FORM =
            Pattern.compile(
                    "([0-9a-f]{4}):([0-9a-f]{4}):([0-9a-f]{6}):([0-9a-f]{6}):([0-9a-f]{8})"
                            + ":([0-9a-f]{16}):((?:[0-9a-f]{2}:){16})([0-9a-f]{8}):",
                    Pattern.CASE_INSENSITIVE);

    private static final int READS = 2;
    private static final int QUEUE_PAIR = 3;
    private static final int PSN = 4;
    private static final int KEY = 5;
    private static final int ADDRESS = 6;
    private static final int GID = 7;

    /// Reads a record.
    ///
    /// @param peer who sent it, for the error
    static KeyRecord parse(String text, String peer) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new ToolException(
                    peer + " sent no perftest key record but '" + printable(text) + "'");
        }
        String psn = matcher.group(PSN);
        return new KeyRecord(
                HexFormat.fromHexDigits(matcher.group(READS)),
                HexFormat.fromHexDigits(matcher.group(QUEUE_PAIR)),
                HexFormat.fromHexDigits(psn),
                HexFormat.fromHexDigits(matcher.group(KEY)),
                HexFormat.fromHexDigitsToLong(matcher.group(ADDRESS)),
                GlobalIdentifier.ofBytes(
                        HexFormat.of().parseHex(matcher.group(GID).replace(":", ""))),
                !psn.equals(psn.toLowerCase(Locale.ROOT)));
    }

    /// Reads a record that came over a queue pair.
    static KeyRecord ofBytes(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        from.getInt();
        int reads = from.getInt();
        int queuePair = from.getInt();
        int psn = from.getInt();
        int key = from.getInt();
        from.getInt();
        long address = from.getLong();
        byte[] gid = new byte[GlobalIdentifier.LENGTH];
        from.get(gid);
        from.getInt();
        return new KeyRecord(
                reads,
                queuePair,
                psn,
                key,
                address,
                GlobalIdentifier.ofBytes(gid),
                from.getInt() == OUR_GID_INDEX);
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(BINARY_LENGTH)
                .putInt(0)
                .putInt(outstandingReads)
                .putInt(queuePairNumber)
                .putInt(packetSequenceNumber)
                .putInt(remoteKey)
                .putInt(0)
                .putLong(address)
                .put(gid.toBytes())
                .putInt(0)
                .putInt(isOurs ? OUR_GID_INDEX : 1)
                .array();
    }

    /// Text from a peer, harmless to a terminal.
    static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    String toWireString() {
        String psn = String.format(Locale.ROOT, "%06x", packetSequenceNumber);
        return String.format(
                Locale.ROOT,
                "%04x:%04x:%06x:%s:%08x:%016x:%s:%08x:",
                0,
                outstandingReads,
                queuePairNumber,
                isOurs ? psn.toUpperCase(Locale.ROOT) : psn,
                remoteKey,
                address,
                HexFormat.ofDelimiter(":").formatHex(gid.toBytes()),
                0);
    }

    /// The line that perftest prints for it.
    String toText(String side, PerfVerb verb) {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        " %s address: LID 0000 QPN 0x%04x PSN 0x%06x",
                        side,
                        queuePairNumber,
                        packetSequenceNumber));
        if (verb == PerfVerb.READ) {
            text.append(String.format(Locale.ROOT, " OUT 0x%02x", outstandingReads));
        }
        if (!verb.remoteAccess().isEmpty()) {
            text.append(
                    String.format(Locale.ROOT, " RKey 0x%06x VAddr 0x%014x", remoteKey, address));
        }
        return text.append(System.lineSeparator()).append(" GID: ").append(gid).toString();
    }
}
