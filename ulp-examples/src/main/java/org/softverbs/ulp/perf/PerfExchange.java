package org.softverbs.ulp.perf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.Mtu;

/// perftest's conversation. In each step the client speaks first and the server answers
/// with as many bytes.
///
/// While an end waits for the other its device must not rest: a message of the peer may have to be
/// acknowledged again. So a wait runs what [#whileWaiting] set, over and over.
final class PerfExchange implements AutoCloseable {

    /// What Debian's perftest 4.5 says.
    static final String VERSION = "6.06";

    private static final double OLDEST_VERSION = 5.70;
    private static final int VERSION_LENGTH = 16;
    private static final Duration GREETING_PATIENCE = Duration.ofSeconds(30);
    private static final Duration END_PATIENCE = Duration.ofSeconds(2);

    /// Longer than a queue pair of the connection manager waits for an acknowledgement.
    private static final Duration MANAGED_END_PATIENCE = Duration.ofSeconds(8);

    private static final String KEY_RECORD = "key record";
    private static final String DONE = "done\0";

    private final PerfConversation conversation;
    private final boolean isClient;
    private @Nullable Runnable whileWaiting;
    private boolean peerIsOurs;

    /// @param conversation connected; closed with this
    /// @param isClient whether this end speaks first
    PerfExchange(PerfConversation conversation, boolean isClient) {
        this.conversation = conversation;
        this.isClient = isClient;
        conversation.readTimeout(GREETING_PATIENCE);
    }

    /// The ends know each other now and may be silent for as long as a test takes.
    ///
    /// @param action what to do over and over during a wait; nothing to sleep
    void whileWaiting(@Nullable Runnable action) {
        whileWaiting = action;
        conversation.readTimeout(Duration.ZERO);
    }

    String peer() {
        return conversation.peer();
    }

    /// Exchanges versions and refuses a peer that is too old, or no perftest at all.
    ///
    /// @return the peer's version
    String versions() {
        byte[] own = Arrays.copyOf(VERSION.getBytes(StandardCharsets.US_ASCII), VERSION_LENGTH);
        String theirs = text(swap(own, "version"));
        double version;
        try {
            version = Double.parseDouble(theirs);
        } catch (NumberFormatException e) {
            throw new ToolException(
                    peer()
                            + " is no perftest: it sent '"
                            + KeyRecord.printable(theirs)
                            + "' for a version",
                    e);
        }
        if (!(version >= OLDEST_VERSION)) {
            throw new ToolException(
                    String.format(
                            Locale.ROOT,
                            "%s is perftest %s, which is older than %.2f",
                            peer(),
                            theirs,
                            OLDEST_VERSION));
        }
        return theirs;
    }

    /// Exchanges a size on which both ends have to agree; the larger one counts.
    int larger(int own, int limit, String what) {
        byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt(own).array();
        int theirs = ByteBuffer.wrap(swap(bytes, what)).getInt();
        if (theirs <= 0 || theirs > limit) {
            throw new ToolException(
                    peer() + " has a " + what + " of " + theirs + " bytes, which cannot be");
        }
        return Math.max(own, theirs);
    }

    /// Exchanges path MTUs; the smaller one counts.
    Mtu smaller(Mtu own) {
        byte[] bytes = {(byte) ('0' + own.number()), 0};
        String theirs = text(swap(bytes, "MTU"));
        for (Mtu mtu : Mtu.values()) {
            if (theirs.equals(Integer.toString(mtu.number()))) {
                return mtu.number() < own.number() ? mtu : own;
            }
        }
        throw new ToolException(
                peer() + " sent '" + KeyRecord.printable(theirs) + "' for an MTU, not 1 to 5");
    }

    /// Exchanges key records; also the barrier between the phases of a test.
    KeyRecord handShake(KeyRecord own) {
        KeyRecord theirs = read(swap(bytes(own), KEY_RECORD));
        peerIsOurs = theirs.isOurs();
        return theirs;
    }

    private byte[] bytes(KeyRecord record) {
        return conversation.isManaged()
                ? record.toBytes()
                : Arrays.copyOf(ascii(record.toWireString()), KeyRecord.LENGTH);
    }

    private KeyRecord read(byte[] bytes) {
        return conversation.isManaged()
                ? KeyRecord.ofBytes(bytes)
                : KeyRecord.parse(text(bytes), peer());
    }

    /// The barrier around the making of managed connections: a record that tells nothing.
    void barrier() {
        swap(new byte[KeyRecord.BINARY_LENGTH], "barrier");
    }

    /// Exchanges what was measured.
    BandwidthReport reports(BandwidthReport own) {
        byte[][] words = new byte[BandwidthReport.WORDS][];
        for (int i = 0; i < words.length; i++) {
            words[i] = swap(own.word(i), "report");
        }
        return BandwidthReport.ofWords(words);
    }

    /// Ends the conversation, so that what the peer repeats is still acknowledged. The stock tool
    /// says its goodbye over TCP and closes without reading ours, and what we send then may reset
    /// the connection before we have read: all was said before.
    void done(KeyRecord own) {
        if (conversation.isManaged()) {
            endManaged(own);
            return;
        }
        handShake(own);
        try {
            conversation.send(ascii(DONE));
            receive(DONE.length(), "goodbye");
        } catch (ToolException gone) {
            // As said.
        }
    }

    /// The client leaves when it has the last record, and the server need not know that it has it.
    /// A stock server must: its queue pair would repeat it for ever.
    private void endManaged(KeyRecord own) {
        if (isClient) {
            handShake(own);
            if (!peerIsOurs) {
                awaitEnd(MANAGED_END_PATIENCE);
            }
            return;
        }
        read(receive(KeyRecord.BINARY_LENGTH, KEY_RECORD));
        try {
            conversation.send(bytes(own));
        } catch (ToolException gone) {
            // As said.
        }
        awaitEnd(MANAGED_END_PATIENCE);
    }

    /// Ends a conversation that has no goodbye: waits until the peer has closed, too, so that what
    /// it repeats is still acknowledged.
    void awaitEnd() {
        awaitEnd(END_PATIENCE);
    }

    private void awaitEnd(Duration patience) {
        await(
                CompletableFuture.runAsync(
                        () -> conversation.awaitEnd(patience), PerfExchange::start));
    }

    private byte[] swap(byte[] own, String what) {
        if (isClient) {
            conversation.send(own);
            return receive(own.length, what);
        }
        byte[] theirs = receive(own.length, what);
        conversation.send(own);
        return theirs;
    }

    private byte[] receive(int length, String what) {
        return await(
                CompletableFuture.supplyAsync(
                        () -> conversation.receive(length, what), PerfExchange::start));
    }

    private static void start(Runnable task) {
        Thread.ofPlatform().daemon().name("softverbs-perf-exchange").start(task);
    }

    private <T extends @Nullable Object> T await(CompletableFuture<T> answer) {
        Runnable action = whileWaiting;
        while (action != null && !answer.isDone()) {
            action.run();
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ToolException known ? known : e;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    @Override
    public void close() {
        conversation.close();
    }
}
