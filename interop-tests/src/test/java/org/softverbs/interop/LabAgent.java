package org.softverbs.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// The tests' end of the agent that runs commands in a guest or container. The protocol is
/// described at its other end, `lab/guest/agent-session`: two connections per command, one more to
/// signal it.
final class LabAgent {

    private static final String PING_ANSWER = "pong\n";
    private static final Duration PING_PATIENCE = Duration.ofMillis(500);

    private final Path socket;
    private final AtomicLong nextId = new AtomicLong();
    private final long runId = ProcessHandle.current().pid();

    LabAgent(Path socket) {
        this.socket = socket;
    }

    /// A command under way: its identity with the agent and its two streams.
    record Streams(String id, StreamCapture stdout, StreamCapture stderrAndCode) {}

    Streams start(String script) {
        String id = "t" + runId + "-" + nextId.incrementAndGet();
        byte[] body = script.getBytes(StandardCharsets.UTF_8);
        StreamCapture stderr = new StreamCapture(request("stderr " + id + "\n"));
        StreamCapture stdout =
                new StreamCapture(request("run " + id + " " + body.length + "\n" + script));
        return new Streams(id, stdout, stderr);
    }

    void signal(String id, String signal) {
        answerTo("kill " + id + " " + signal + "\n");
    }

    /// Whether somebody is there: false as long as the guest boots. QEMU takes connections for a
    /// guest that does not listen yet, and then tries again only after many seconds, so this one
    /// does not wait.
    boolean answers() {
        try (SocketChannel channel = request("ping\n")) {
            StreamCapture answer = new StreamCapture(channel);
            return answer.awaitEnd(PING_PATIENCE.toNanos()) && answer.text().equals(PING_ANSWER);
        } catch (IOException | UncheckedIOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private String answerTo(String line) {
        try (SocketChannel channel = request(line)) {
            ByteBuffer answer = ByteBuffer.allocate(PING_ANSWER.length());
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SocketChannel request(String text) {
        try {
            SocketChannel channel = connect(socket);
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException("agent at " + socket, e);
        }
    }

    static SocketChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
