package org.softverbs.ulp.demo;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;

/// The passive end on another host, over a TCP connection that carries messages of 128 bytes of
/// text.
final class RemotePeer implements DemoPeer {

    private static final int MESSAGE = 128;
    private static final String PREPARE = "prepare ";
    private static final String INSPECT = "inspect ";
    private static final String READY = "ready";
    private static final String END = "end";
    private static final Pattern OFFER =
            Pattern.compile("offer ([0-9a-f]{32}) (\\d+) (\\d+) (-?\\d+) (-?\\d+)");

    private final SideChannel channel;

    RemotePeer(SideChannel channel) {
        this.channel = channel;
    }

    @Override
    public Offer connect(Offer active) {
        send(channel, text(active));
        return offer(receive(channel));
    }

    @Override
    public void prepare(DemoOperation operation) {
        send(channel, PREPARE + operation);
        String answer = receive(channel);
        if (!answer.equals(READY)) {
            throw new ToolException(channel.peer() + " answered '" + answer + "'");
        }
    }

    @Override
    public Finding inspect(DemoOperation operation) {
        send(channel, INSPECT + operation);
        String answer = receive(channel);
        int space = answer.indexOf(' ');
        if (space < 0) {
            throw new ToolException(channel.peer() + " answered '" + answer + "'");
        }
        return new Finding(
                Boolean.parseBoolean(answer.substring(0, space)), answer.substring(space + 1));
    }

    @Override
    public void close() {
        send(channel, END);
        channel.close();
    }

    /// Serves the passive end to one active end until that says that it is done.
    static void serve(SideChannel channel, DeviceContext context) {
        try (LocalPeer peer = new LocalPeer(context)) {
            send(channel, text(peer.connect(offer(receive(channel)))));
            while (true) {
                String request = receive(channel);
                if (request.startsWith(PREPARE)) {
                    peer.prepare(operation(request.substring(PREPARE.length())));
                    send(channel, READY);
                } else if (request.startsWith(INSPECT)) {
                    Finding finding = peer.inspect(operation(request.substring(INSPECT.length())));
                    send(channel, finding.verified() + " " + finding.account());
                } else {
                    return;
                }
            }
        }
    }

    private static DemoOperation operation(String name) {
        try {
            return DemoOperation.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new ToolException("the peer asks for an unknown operation", e);
        }
    }

    private static String text(Offer offer) {
        return String.format(
                Locale.ROOT,
                "offer %s %d %d %d %d",
                offer.gid(),
                offer.queuePairNumber(),
                offer.packetSequenceNumber(),
                offer.address(),
                offer.remoteKey());
    }

    private static Offer offer(String text) {
        Matcher matcher = OFFER.matcher(text);
        if (!matcher.matches()) {
            throw new ToolException("the peer is no softverbs demo");
        }
        try {
            return new Offer(
                    matcher.group(1),
                    Integer.parseInt(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)),
                    Long.parseLong(matcher.group(4)),
                    Integer.parseInt(matcher.group(5)));
        } catch (NumberFormatException e) {
            throw new ToolException("the peer's offer has a number out of range", e);
        }
    }

    private static void send(SideChannel channel, String text) {
        channel.send(Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), MESSAGE));
    }

    private static String receive(SideChannel channel) {
        return channel.receiveString(MESSAGE, "next message");
    }
}
