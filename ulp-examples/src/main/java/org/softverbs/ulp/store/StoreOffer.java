package org.softverbs.ulp.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;

/// What each end tells the other over TCP before they are connected: 192 bytes of text.
///
/// @param gid the end's address
/// @param queuePairNumber 24 bits
/// @param packetSequenceNumber first PSN, 24 bits
/// @param mtu largest path MTU
/// @param queueDepth commands under way that it asks for, or takes
/// @param blockSize of the target's store; 512 from a client
/// @param blocks of the target's store; 1 from a client
/// @param maxTransfer bytes of the longest command that the target takes
record StoreOffer(
        GlobalIdentifier gid,
        int queuePairNumber,
        int packetSequenceNumber,
        Mtu mtu,
        int queueDepth,
        int blockSize,
        long blocks,
        int maxTransfer) {

    private static final int LENGTH = 192;
    private static final int NUMBER_MAX = (1 << 24) - 1;
    private static final String REFUSED = "refused: ";
    private static final Pattern FORM =
            Pattern.compile(
                    "store1 ([0-9a-f]{32}) (\\d{1,8}) (\\d{1,8}) (\\d{1,4}) (\\d{1,4})"
                            + " (\\d{1,4}) (\\d{1,18}) (\\d{1,9})");
    private static final int GID = 1;
    private static final int QUEUE_PAIR = 2;
    private static final int PSN = 3;
    private static final int MTU = 4;
    private static final int DEPTH = 5;
    private static final int BLOCK_SIZE = 6;
    private static final int BLOCKS = 7;
    private static final int TRANSFER = 8;

    /// @throws IllegalArgumentException for a number out of range
    StoreOffer {
        check("queue pair", queuePairNumber, 1, NUMBER_MAX);
        check("first PSN", packetSequenceNumber, 0, NUMBER_MAX);
        check("queue depth", queueDepth, 1, StoreSettings.DEPTH_MAX);
        StoreGeometry geometry = new StoreGeometry(blockSize, blocks);
        check("longest transfer", maxTransfer, geometry.blockSize(), StoreSettings.TRANSFER_MAX);
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not within " + min + " and " + max);
        }
    }

    /// How large the target's store is.
    StoreGeometry geometry() {
        return new StoreGeometry(blockSize, blocks);
    }

    void send(SideChannel channel) {
        send(
                channel,
                String.format(
                        Locale.ROOT,
                        "store1 %s %d %d %d %d %d %d %d",
                        gid.toWireString(),
                        queuePairNumber,
                        packetSequenceNumber,
                        mtu.bytes(),
                        queueDepth,
                        blockSize,
                        blocks,
                        maxTransfer));
    }

    /// Tells a client why it is not let in.
    static void refuse(SideChannel channel, String reason) {
        String text = REFUSED + reason;
        send(channel, text.substring(0, Math.min(text.length(), LENGTH - 1)));
    }

    private static void send(SideChannel channel, String text) {
        channel.send(Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), LENGTH));
    }

    /// Reads what the other end tells.
    ///
    /// @throws ToolException when it is no offer
    static StoreOffer receive(SideChannel channel) {
        String text = channel.receiveString(LENGTH, "offer");
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            String harmless = text.replaceAll("[^\\x20-\\x7e]", "?");
            throw new ToolException(
                    text.startsWith(REFUSED)
                            ? channel.peer() + " " + harmless
                            : channel.peer() + " is no softverbs store");
        }
        try {
            return new StoreOffer(
                    GlobalIdentifier.ofBytes(HexFormat.of().parseHex(matcher.group(GID))),
                    Integer.parseInt(matcher.group(QUEUE_PAIR)),
                    Integer.parseInt(matcher.group(PSN)),
                    Mtu.ofBytes(Integer.parseInt(matcher.group(MTU))),
                    Integer.parseInt(matcher.group(DEPTH)),
                    Integer.parseInt(matcher.group(BLOCK_SIZE)),
                    Long.parseLong(matcher.group(BLOCKS)),
                    Integer.parseInt(matcher.group(TRANSFER)));
        } catch (IllegalArgumentException e) {
            throw new ToolException(
                    channel.peer() + " makes an offer that is none: " + e.getMessage(), e);
        }
    }
}
