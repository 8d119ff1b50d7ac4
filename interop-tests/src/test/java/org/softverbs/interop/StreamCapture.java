package org.softverbs.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One stream of a command, read to its end by a thread of its own and readable meanwhile.
final class StreamCapture {

    private static final int CHUNK = 64 * 1024;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CountDownLatch ended = new CountDownLatch(1);

    StreamCapture(SocketChannel channel) {
        Thread.ofVirtual().name("stream-capture").start(() -> drain(channel));
    }

    private void drain(SocketChannel channel) {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        try (channel) {
            while (channel.read(chunk) >= 0) {
                synchronized (bytes) {
                    bytes.write(chunk.array(), 0, chunk.position());
                }
                chunk.clear();
            }
        } catch (IOException closed) {
            // The guest went away; the missing exit code says so to the caller.
        } finally {
            ended.countDown();
        }
    }

    boolean awaitEnd(long nanos) throws InterruptedException {
        return ended.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    String text() {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
