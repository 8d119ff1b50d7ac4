package org.softverbs.ulp.tool;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/// A TCP port on which clients are waited for, one after the other.
///
/// Safe to close from any thread, which ends the wait.
public final class SideListener implements AutoCloseable {

    private final ServerSocket server;

    /// @param port 0 for one that is free
    /// @throws ToolException when it cannot be had
    public SideListener(int port) {
        this(bind(port));
    }

    /// @param server that is bound; to be closed by this
    public SideListener(ServerSocket server) {
        this.server = server;
    }

    private static ServerSocket bind(int port) {
        try {
            ServerSocket server = new ServerSocket();
            try {
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(port));
                return server;
            } catch (IOException refused) {
                server.close();
                throw refused;
            }
        } catch (BindException e) {
            throw new ToolException("TCP port " + port + " is in use", e);
        } catch (IOException e) {
            throw new ToolException("TCP port " + port + ": " + e.getMessage(), e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /// Waits for a client.
    ///
    /// @return nothing when this was closed
    /// @throws ToolException when a client could not be accepted; the next one perhaps can
    public Optional<SideChannel> accept() {
        try {
            return Optional.of(channel(server.accept()));
        } catch (IOException e) {
            if (server.isClosed()) {
                return Optional.empty();
            }
            throw new ToolException("TCP port " + port() + ": " + e.getMessage(), e);
        }
    }

    private static SideChannel channel(Socket socket) throws IOException {
        try {
            return new SideChannel(socket, String.valueOf(socket.getRemoteSocketAddress()));
        } catch (IOException gone) {
            socket.close();
            throw gone;
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new ToolException("closing TCP port " + port(), e);
        }
    }
}
