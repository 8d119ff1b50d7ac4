package org.softverbs.ulp.tool;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The TCP connection over which two ends of a test exchange addresses and keep in step.
///
/// Every failure is a [ToolException] that says what was being done.
public final class SideChannel implements AutoCloseable {

    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);
    private static final long RETRY_MILLIS = 50;
    private static final int THROWN_AWAY = 512;

    private final Socket socket;
    private final String peer;
    private final InputStream in;
    private Duration readTimeout = Duration.ZERO;

    SideChannel(Socket socket, String peer) throws IOException {
        this.socket = socket;
        this.peer = peer;
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    /// Connects to a server; one that is not there yet is tried again for ten seconds.
    public static SideChannel connect(String host, int port) {
        String peer = host + " port " + port;
        long end = System.nanoTime() + CONNECT_PATIENCE.toNanos();
        while (true) {
            try {
                Socket socket = new Socket();
                InetSocketAddress address = new InetSocketAddress(host, port);
                if (address.isUnresolved()) {
                    throw new ToolException("unknown host " + host);
                }
                socket.connect(address, (int) CONNECT_PATIENCE.toMillis());
                return new SideChannel(socket, peer);
            } catch (ConnectException refused) {
                if (System.nanoTime() >= end) {
                    throw new ToolException(
                            "cannot connect to " + peer + ": " + refused.getMessage(), refused);
                }
                pause();
            } catch (IOException e) {
                throw new ToolException("cannot connect to " + peer + ": " + e.getMessage(), e);
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while connecting", e);
        }
    }

    /// Waits for one client.
    public static SideChannel accept(int port) {
        try (SideListener listener = new SideListener(port)) {
            return listener.accept().orElseThrow();
        }
    }

    /// How long to wait for a whole message, or for the peer's end, however many pieces come
    /// meanwhile; zero waits for ever.
    public void readTimeout(Duration timeout) {
        readTimeout = timeout;
    }

    public String peer() {
        return peer;
    }

    public void send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new ToolException("sending to " + peer + ": " + e.getMessage(), e);
        }
    }

    /// Sends text with the NUL that ends it in C.
    public void sendString(String text) {
        send((text + '\0').getBytes(StandardCharsets.US_ASCII));
    }

    /// Reads exactly so many bytes.
    ///
    /// @param what the message that is expected, for the error
    public byte[] receive(int length, String what) {
        try {
            byte[] bytes = new byte[length];
            long start = System.nanoTime();
            int at = 0;
            while (at < length) {
                limitRead(start);
                int read = in.read(bytes, at, length - at);
                if (read < 0) {
                    throw new EOFException();
                }
                at += read;
            }
            return bytes;
        } catch (EOFException e) {
            throw new ToolException(peer + " closed the connection before it sent its " + what, e);
        } catch (SocketTimeoutException e) {
            throw new ToolException(peer + " did not send its " + what + " in time", e);
        } catch (IOException e) {
            throw new ToolException(
                    "waiting for the " + what + " of " + peer + ": " + e.getMessage(), e);
        }
    }

    /// Lets the next read wait for what is left of the time.
    private void limitRead(long start) throws IOException {
        if (readTimeout.isZero()) {
            socket.setSoTimeout(0);
            return;
        }
        long left = readTimeout.minusNanos(System.nanoTime() - start).toMillis();
        if (left <= 0) {
            throw new SocketTimeoutException();
        }
        socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
    }

    /// Reads a message of a fixed size that holds text, up to its first NUL.
    public String receiveString(int length, String what) {
        String text = new String(receive(length, what), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /// Says that nothing more will be sent.
    public void endOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // The peer went first.
        }
    }

    /// Waits until the peer closes its end, or the read timeout is over. Whatever it still sends is
    /// thrown away.
    ///
    /// @return whether it closed
    public boolean awaitClosed() {
        try {
            byte[] thrownAway = new byte[THROWN_AWAY];
            long start = System.nanoTime();
            do {
                limitRead(start);
            } while (in.read(thrownAway) >= 0);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new ToolException("closing the connection to " + peer, e);
        }
    }
}
